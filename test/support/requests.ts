import type { Buffer } from 'node:buffer';
import { Budget } from '../../ttlv/budget.ts';
import { type Item, ItemType, type ItemValue } from '../../ttlv/item.ts';
import { decodeItem } from '../../ttlv/reader.ts';
import {
  CryptographicAlgorithm,
  ObjectType,
  type Operation,
  Operation as Operations,
  ResultReason,
  ResultStatus,
} from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { ttlvBytes } from './ttlv-bytes.ts';

/** Requests as a client that knows nothing of this project would put them together: item by item, also wrong ones. */

export const structure = (tag: number, ...value: Item[]): Item => ({ tag, type: ItemType.Structure, value });
export const integer = (tag: number, value: number): Item => ({ tag, type: ItemType.Integer, value });
export const enumeration = (tag: number, value: number): Item => ({ tag, type: ItemType.Enumeration, value });
export const text = (tag: number, value: string): Item => ({ tag, type: ItemType.TextString, value });
export const bytes = (tag: number, value: Buffer): Item => ({ tag, type: ItemType.ByteString, value });

/** The Protocol Version of a request header. */
export function protocolVersion(major: number, minor: number): Item {
  return structure(
    Tag.ProtocolVersion,
    integer(Tag.ProtocolVersionMajor, major),
    integer(Tag.ProtocolVersionMinor, minor),
  );
}

/** A request of one version: a header with the right Batch Count, and the items. */
export function request(version: Version, ...items: Item[]): Item {
  const header = structure(
    Tag.RequestHeader,
    protocolVersion(Math.floor(version / 10), version % 10),
    integer(Tag.BatchCount, items.length),
  );
  return structure(Tag.RequestMessage, header, ...items);
}

export function batchItem(operation: Operation, ...payload: Item[]): Item {
  return structure(Tag.BatchItem, enumeration(Tag.Operation, operation), structure(Tag.RequestPayload, ...payload));
}

/** An Attribute of KMIP 1.x. */
export function attribute(name: string, value: (tag: number) => Item): Item {
  return structure(Tag.Attribute, text(Tag.AttributeName, name), value(Tag.AttributeValue));
}

/** Create of an AES key for encryption, in KMIP 1.x. */
export function createAes(length = 256, ...more: Item[]): Item {
  return batchItem(
    Operations.Create,
    enumeration(Tag.ObjectType, ObjectType.SymmetricKey),
    structure(
      Tag.TemplateAttribute,
      attribute('Cryptographic Algorithm', (tag) => enumeration(tag, CryptographicAlgorithm.AES)),
      attribute('Cryptographic Length', (tag) => integer(tag, length)),
      attribute('Cryptographic Usage Mask', (tag) =>
        integer(tag, CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt),
      ),
      ...more,
    ),
  );
}

/** An operation on one object, without further parameters. */
export function on(identifier: string, operation: Operation, ...more: Item[]): Item {
  return batchItem(operation, text(Tag.UniqueIdentifier, identifier), ...more);
}

/** What came of a batch item. */
export interface Outcome {
  /** The name of the Result Reason; where there is none, that of the Result Status: `Success`, `OperationUndone`. */
  readonly result: string;
  readonly message: string;
  readonly payload: readonly Item[];
}

/** The outcomes in an answer, one a batch item. */
export function outcomesIn(answer: Buffer): Outcome[] {
  const [, ...items] = childrenOf(decodeItem(answer, new Budget()));
  return items.map((item) => {
    const reason = valueIn(item, Tag.ResultReason);
    const status = nameOf(ResultStatus, valueIn(item, Tag.ResultStatus));
    return {
      result: reason === undefined ? status : nameOf(ResultReason, reason),
      message: String(valueIn(item, Tag.ResultMessage) ?? ''),
      payload: childrenOf(childrenOf(item).find(({ tag }) => tag === Tag.ResponsePayload)),
    };
  });
}

/** Whatever takes a request message and gives the response message. */
interface Exchanging {
  exchange(request: Buffer): Promise<Buffer>;
}

/** Sends a request of one item and answers what came of it. */
export async function outcomeOf(client: Exchanging, item: Item, version: Version = 14): Promise<Outcome> {
  const [outcome] = outcomesIn(await client.exchange(ttlvBytes(request(version, item))));
  if (outcome === undefined) throw new Error('the answer has no batch item');
  return outcome;
}

/** The identifier of a new object. */
export async function created(client: Exchanging, item: Item = createAes()): Promise<string> {
  const { result, message, payload } = await outcomeOf(client, item);
  if (result !== 'Success') throw new Error(`${result}: ${message}`);
  return String(valueIn(structure(0, ...payload), Tag.UniqueIdentifier));
}

/** The value of the first item with that tag, however deep; undefined where there is none. */
export function valueIn(item: Item, tag: number): ItemValue | undefined {
  if (item.tag === tag) return item.value;
  for (const child of childrenOf(item)) {
    const value = valueIn(child, tag);
    if (value !== undefined) return value;
  }
  return undefined;
}

function childrenOf(item: Item | undefined): readonly Item[] {
  return item?.type === ItemType.Structure ? item.value : [];
}

function nameOf(table: Readonly<Record<string, number>>, code: unknown): string {
  return Object.entries(table).find(([, value]) => value === code)?.[0] ?? String(code);
}
