// The requests of the benchmark, in KMIP 2.1.
import { Budget } from '../ttlv/budget.ts';
import { type Item, ItemType } from '../ttlv/item.ts';
import { decodeItem } from '../ttlv/reader.ts';
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  NameType,
  ObjectType,
  Operation,
  ResultStatus,
} from '../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../ttlv/tables/masks.ts';
import { Tag } from '../ttlv/tables/tags.ts';
import { encodeItem } from '../ttlv/writer.ts';

/** A batch item: an operation and the fields of its payload. */
export interface Call {
  operation: number;
  payload: readonly Item[];
}

/** An AES-256 key, active since 1970 so that it can be used at once. */
export function create(name?: string): Call {
  const attributes = [
    enumeration(Tag.CryptographicAlgorithm, CryptographicAlgorithm.AES),
    integer(Tag.CryptographicLength, 256),
    integer(Tag.CryptographicUsageMask, CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt),
    { tag: Tag.ActivationDate, type: ItemType.DateTime, value: 0 },
    ...(name === undefined ? [] : [nameOf(name)]),
  ];
  const payload = [enumeration(Tag.ObjectType, ObjectType.SymmetricKey), structure(Tag.Attributes, attributes)];
  return { operation: Operation.Create, payload };
}

export function get(id: string): Call {
  return { operation: Operation.Get, payload: [text(Tag.UniqueIdentifier, id)] };
}

/** AES-256-GCM of 64 bytes, the IV made by the server. */
export function encrypt(id: string): Call {
  const parameters = [
    enumeration(Tag.BlockCipherMode, BlockCipherMode.GCM),
    { tag: Tag.RandomIV, type: ItemType.Boolean, value: true },
    integer(Tag.TagLength, 16),
  ];
  const payload = [
    text(Tag.UniqueIdentifier, id),
    structure(Tag.CryptographicParameters, parameters),
    { tag: Tag.Data, type: ItemType.ByteString, value: Buffer.alloc(64, 'kleis') },
  ];
  return { operation: Operation.Encrypt, payload };
}

export function locate(name: string): Call {
  return { operation: Operation.Locate, payload: [structure(Tag.Attributes, [nameOf(name)])] };
}

/** The bytes of a request message. */
export function request(calls: readonly Call[]): Buffer {
  const version = [integer(Tag.ProtocolVersionMajor, 2), integer(Tag.ProtocolVersionMinor, 1)];
  const header = [structure(Tag.ProtocolVersion, version), integer(Tag.BatchCount, calls.length)];
  const batch = calls.map(({ operation, payload }, at) =>
    structure(Tag.BatchItem, [
      enumeration(Tag.Operation, operation),
      ...(calls.length === 1 ? [] : [identifier(at)]),
      structure(Tag.RequestPayload, payload),
    ]),
  );
  return encodeItem(structure(Tag.RequestMessage, [structure(Tag.RequestHeader, header), ...batch]));
}

/** The Unique Identifier of each item of the response; throws with the server's message if one failed. */
export function identifiers(response: Buffer): string[] {
  const message = decodeItem(response, new Budget());
  return children(message, Tag.BatchItem).map((item) => {
    const [status] = children(item, Tag.ResultStatus);
    if (status?.value !== ResultStatus.Success) {
      throw new Error(`the server answers: ${children(item, Tag.ResultMessage)[0]?.value ?? 'failed'}`);
    }
    const [id] = children(item, Tag.ResponsePayload).flatMap((payload) => children(payload, Tag.UniqueIdentifier));
    return String(id?.value);
  });
}

function children(item: Item, tag: number): Item[] {
  return item.type === ItemType.Structure ? item.value.filter((child) => child.tag === tag) : [];
}

function structure(tag: number, value: readonly Item[]): Item {
  return { tag, type: ItemType.Structure, value };
}

function enumeration(tag: number, value: number): Item {
  return { tag, type: ItemType.Enumeration, value };
}

function integer(tag: number, value: number): Item {
  return { tag, type: ItemType.Integer, value };
}

function text(tag: number, value: string): Item {
  return { tag, type: ItemType.TextString, value };
}

/** Tells the items of a batch of several apart. */
function identifier(at: number): Item {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(at);
  return { tag: Tag.UniqueBatchItemID, type: ItemType.ByteString, value };
}

function nameOf(name: string): Item {
  const type = enumeration(Tag.NameType, NameType.UninterpretedTextString);
  return structure(Tag.Name, [text(Tag.NameValue, name), type]);
}
