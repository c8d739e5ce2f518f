import assert from 'node:assert/strict';
import type { Item } from '../../ttlv/item.ts';
import { NameType, ObjectType, Operation, RevocationReasonCode } from '../../ttlv/tables/enums.ts';
import { Tag, tagInfo } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { childrenOf, find } from '../conformance/walk.ts';
import type { Client } from '../support/client.ts';
import { attribute, code, hex, int, itemOf, requestOf, struct, text } from '../support/items.ts';
import { type Outcome, outcomesIn, valueIn } from '../support/requests.ts';
import { type ServerOptions, TestServer } from '../support/server.ts';
import { ttlvBytes } from '../support/ttlv-bytes.ts';
import { checkAnswer } from './answer.ts';

/** Answers up to this size fit one TLS record. */
const RECORD = 16_384;

/** Sends a request and checks what holds for every answer: its form, and that it is written at once. */
export async function exchange(client: Client, request: Item): Promise<readonly Outcome[]> {
  let reads = 0;
  const count = () => {
    reads += 1;
  };
  client.socket.on('data', count);
  const answer = await client.exchange(ttlvBytes(request));
  client.socket.off('data', count);
  if (answer.length <= RECORD) assert.equal(reads, 1, 'the answer came in several TLS records');
  checkAnswer(request, answer);
  return outcomesIn(answer);
}

/** A client of one version over one connection. Every answer that it gets is checked as `exchange` says. */
export class Session {
  readonly client: Client;
  readonly version: Version;

  constructor(client: Client, version: Version) {
    this.client = client;
    this.version = version;
  }

  /** The outcomes of a batch, whose items get a Unique Batch Item ID where there are several. */
  batch(items: readonly Item[], ...header: Item[]): Promise<readonly Outcome[]> {
    const told = items.length > 1 ? items.map((item, index) => withId(item, index)) : items;
    return exchange(this.client, requestOf(this.version, told, ...header));
  }

  async ask(operation: Operation, ...payload: Item[]): Promise<Outcome> {
    const [outcome] = await this.batch([itemOf(operation, payload)]);
    return outcome ?? assert.fail('no batch item');
  }

  /** The response payload of an operation that must succeed. */
  async done(operation: Operation, ...payload: Item[]): Promise<Item> {
    return payloadOf(await this.ask(operation, ...payload));
  }

  /** The name of the Result Reason for which an operation fails, or `Success`. */
  async reason(operation: Operation, ...payload: Item[]): Promise<string> {
    return (await this.ask(operation, ...payload)).result;
  }

  /** The identifier that an operation answers. */
  async made(operation: Operation, ...payload: Item[]): Promise<string> {
    return identifierIn(await this.done(operation, ...payload));
  }

  /** Creates a symmetric key. */
  create(...attributes: Item[]): Promise<string> {
    return this.made(
      Operation.Create,
      code('ObjectType', ObjectType.SymmetricKey),
      templateOf(this.version, ...attributes),
    );
  }

  /** Registers an object: a structure named after its type. */
  register(object: Item, ...attributes: Item[]): Promise<string> {
    const type = ObjectType[tagInfo.get(object.tag)?.name as keyof typeof ObjectType];
    return this.made(Operation.Register, code('ObjectType', type), templateOf(this.version, ...attributes), object);
  }

  activate(id: string): Promise<string> {
    return this.made(Operation.Activate, text('UniqueIdentifier', id));
  }

  revoke(id: string, reason: RevocationReasonCode = RevocationReasonCode.CessationOfOperation): Promise<string> {
    const given = struct('RevocationReason', code('RevocationReasonCode', reason));
    return this.made(Operation.Revoke, text('UniqueIdentifier', id), given);
  }

  destroy(id: string): Promise<string> {
    return this.made(Operation.Destroy, text('UniqueIdentifier', id));
  }

  get(id: string, ...more: Item[]): Promise<Item> {
    return this.done(Operation.Get, text('UniqueIdentifier', id), ...more);
  }

  /** The identifiers that Locate finds with attributes as filters. */
  async locate(filters: readonly Item[], ...options: Item[]): Promise<string[]> {
    const given = this.version < 20 ? filters.map((one) => attributeOf(one)) : [struct('Attributes', ...filters)];
    return identifiersIn(await this.done(Operation.Locate, ...options, ...given));
  }

  /** The attributes of a name in 1.x: the values, in the order of the answer. All of them where no name is given. */
  async attributes(id: string, ...names: string[]): Promise<[name: string, value: Item['value']][]> {
    const payload = await this.done(
      Operation.GetAttributes,
      text('UniqueIdentifier', id),
      ...names.map((name) => text('AttributeName', name)),
    );
    return attributesIn(payload);
  }
}

function withId(item: Item, index: number): Item {
  const [operation, ...rest] = childrenOf(item);
  if (operation === undefined || find(rest, Tag.UniqueBatchItemID) !== undefined) return item;
  return struct('BatchItem', operation, hex('UniqueBatchItemID', index.toString(16).padStart(8, '0')), ...rest);
}

/** The response payload of an item that must have succeeded. */
export function payloadOf({ result, message, payload }: Outcome): Item {
  assert.equal(result, 'Success', message);
  return struct('ResponsePayload', ...payload);
}

/** The attributes in a payload of 1.x. */
export function attributesIn(payload: Item): [name: string, value: Item['value']][] {
  return childrenOf(payload)
    .filter(({ tag }) => tag === Tag.Attribute)
    .map((one) => [String(valueIn(one, Tag.AttributeName)), valueIn(one, Tag.AttributeValue) ?? '']);
}

export function identifierIn(payload: Item): string {
  return identifiersIn(payload)[0] ?? assert.fail('no Unique Identifier');
}

export function identifiersIn(payload: Item): string[] {
  return childrenOf(payload)
    .filter(({ tag }) => tag === Tag.UniqueIdentifier)
    .map(({ value }) => String(value));
}

/** An attribute of 2.x as one of 1.x. */
export function attributeOf(item: Item): Item {
  return attribute(tagInfo.get(item.tag)?.text ?? '', item);
}

/** Attributes in the form of a version; those of 1.x may be there already, as custom ones are. */
export function templateOf(version: Version, ...attributes: Item[]): Item {
  if (version >= 20) return struct('Attributes', ...attributes);
  return struct('TemplateAttribute', ...attributes.map((one) => (one.tag === Tag.Attribute ? one : attributeOf(one))));
}

export function name(value: string): Item {
  return struct('Name', text('NameValue', value), code('NameType', NameType.UninterpretedTextString));
}

export const usage = (mask: number): Item => int('CryptographicUsageMask', mask);

/** A server for the tests of one suite, and clients of it. */
export interface Served {
  readonly server: TestServer;
  /** A client of that version, over the one connection that they all have in common. */
  readonly session: (version: Version) => Session;
}

/** Has the suite that calls this start a server before its tests, and stop it after them. */
export function served(options: ServerOptions = {}): Served {
  let server: TestServer;
  let client: Client;
  before(async () => {
    server = await TestServer.start(options);
    client = await server.connect();
  });
  after(() => server.stop());
  return {
    get server() {
      return server;
    },
    session: (version) => new Session(client, version),
  };
}
