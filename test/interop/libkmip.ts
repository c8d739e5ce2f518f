import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { Item } from '../../ttlv/item.ts';
import type { TestServer } from '../support/server.ts';
import { identityOf } from '../support/server.ts';
import { ttlvBytes } from '../support/ttlv-bytes.ts';
import { versionOf } from './answer.ts';

/** The longest answer that the library takes. */
const MOST_BYTES = 8192;

/** The attributes that the library has a decoder for. Any other one ends its decoding. */
const knownAttributes: readonly string[] = [
  'Unique Identifier',
  'Name',
  'Object Type',
  'Cryptographic Algorithm',
  'Cryptographic Length',
  'Cryptographic Parameters',
  'Cryptographic Usage Mask',
  'Operation Policy Name',
  'State',
  'Object Group',
  'Application Specific Information',
  'Activation Date',
  'Deactivation Date',
  'Process Start Date',
  'Protect Stop Date',
];

/** What the library makes of an answer with one batch item. */
export interface Decoded {
  readonly status: number;
  readonly reason: number | undefined;
  readonly message: string | undefined;
  readonly identifiers: readonly string[];
  /** The Key Material of a Get. */
  readonly key: Buffer | undefined;
  /** The one attribute of a Get Attributes. */
  readonly attribute: { readonly name: string; readonly value: Buffer } | undefined;
}

/**
 * One call as libkmip does it, the C library in several databases and in Ceph: a connection of its own without server
 * name, one read of 8 bytes, one of the rest, and a decoder that knows exactly what it expects, in order.
 */
export async function call(server: TestServer, user: string, request: Item): Promise<Decoded> {
  const connection = await LibkmipConnection.open(server, user);
  try {
    return await connection.call(request);
  } finally {
    connection.close();
  }
}

/** A connection that is kept for several calls, as Ceph RGW does. */
export class LibkmipConnection {
  readonly #socket: TLSSocket;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
  }

  static async open(server: TestServer, user: string): Promise<LibkmipConnection> {
    const { certificate, key } = await identityOf(user);
    const socket = connect({ port: server.port, host: '127.0.0.1', ca: server.ca, cert: certificate, key });
    await once(socket, 'secureConnect');
    return new LibkmipConnection(socket);
  }

  /** Sends a request of one batch item and decodes the answer; fails where the library would. */
  async call(request: Item): Promise<Decoded> {
    this.#socket.write(ttlvBytes(request));
    // What one read gives of the two that the library does: nothing may come later.
    const [record] = (await once(this.#socket, 'data')) as [Buffer];
    const length = record.readUInt32BE(4);
    assert.ok(8 + length <= MOST_BYTES, `an answer of ${length} bytes`);
    assert.equal(record.length, 8 + length, 'the answer does not come in one TLS record');
    return decode(record, request);
  }

  close(): void {
    this.#socket.destroy();
  }
}

function decode(record: Buffer, request: Item): Decoded {
  const message = new Cursor(record);
  const body = message.structure(0x42007b);
  message.end();
  const header = body.structure(0x42007a);
  decodeHeader(header, versionOf(request));
  const item = body.structure(0x42000f);
  body.end();
  const operation = item.integer(0x42005c, 5);
  const status = item.integer(0x42007f, 5);
  const reason = item.has(0x42007e) ? item.integer(0x42007e, 5) : undefined;
  const words = item.has(0x42007d) ? item.bytes(0x42007d, 7).toString('utf8') : undefined;
  // The databases read the message of a failure without looking whether there is one.
  if (status !== 0) assert.ok(words && words.length <= 200, 'a failure without a short Result Message');
  const payload = item.has(0x42007c) ? item.structure(0x42007c) : new Cursor(Buffer.alloc(0));
  item.end();
  const found = status === 0 ? decodePayload(operation, payload) : {};
  payload.end();
  return { status, reason, message: words, identifiers: [], key: undefined, attribute: undefined, ...found };
}

function decodeHeader(header: Cursor, version: number): void {
  const protocol = header.structure(0x420069);
  assert.equal(protocol.integer(0x42006a, 2) * 10 + protocol.integer(0x42006b, 2), version);
  protocol.end();
  header.bytes(0x420092, 9);
  // Of the optional fields between, the server has none to send: no Nonce, no correlation value was asked for.
  assert.equal(header.integer(0x42000d, 2), 1);
  header.end();
}

const GET = 10;
const LOCATE = 8;
const GET_ATTRIBUTES = 11;
const CREATE = 1;

function decodePayload(operation: number, payload: Cursor): Partial<Decoded> {
  if (operation === LOCATE) {
    if (payload.has(0x4200d5)) payload.integer(0x4200d5, 2);
    const identifiers: string[] = [];
    while (payload.has(0x420094)) identifiers.push(payload.identifier());
    assert.ok(identifiers.length <= 32, 'more than 32 identifiers');
    return { identifiers };
  }
  if (operation === CREATE || operation === GET) payload.integer(0x420057, 5);
  const identifiers = [payload.identifier()];
  if (operation === GET) return { identifiers, key: decodeObject(payload) };
  if (operation === GET_ATTRIBUTES) return { identifiers, attribute: decodeAttribute(payload) };
  return { identifiers };
}

/** A Symmetric Key or Secret Data whose Key Value holds the Key Material and nothing else. */
function decodeObject(payload: Cursor): Buffer {
  const isSecret = payload.has(0x420085);
  const object = payload.structure(isSecret ? 0x420085 : 0x42008f);
  if (isSecret) object.integer(0x420086, 5);
  const block = object.structure(0x420040);
  object.end();
  const format = block.integer(0x420042, 5);
  assert.ok(isSecret || format === 1, 'the key is not Raw');
  if (block.has(0x420041)) block.integer(0x420041, 5);
  const value = block.structure(0x420045);
  const material = value.bytes(0x420043, 8);
  value.end();
  if (block.has(0x420028)) block.integer(0x420028, 5);
  if (block.has(0x42002a)) block.integer(0x42002a, 2);
  block.end();
  return material;
}

/** Exactly one attribute, which is one of those that the library knows. */
function decodeAttribute(payload: Cursor): { name: string; value: Buffer } {
  const attribute = payload.structure(0x420008);
  const name = attribute.bytes(0x42000a, 7).toString('utf8');
  assert.ok(knownAttributes.includes(name), `the library does not know ${name}`);
  if (attribute.has(0x420009)) attribute.integer(0x420009, 2);
  const value = attribute.any();
  attribute.end();
  return { name, value };
}

/** Reads TTLV forward, item by item, each of the tag and type that the caller says. */
class Cursor {
  #rest: Buffer;

  constructor(bytes: Buffer) {
    this.#rest = bytes;
  }

  has(tag: number): boolean {
    return this.#rest.length >= 8 && this.#rest.readUIntBE(0, 3) === tag;
  }

  structure(tag: number): Cursor {
    return new Cursor(this.bytes(tag, 1));
  }

  integer(tag: number, type: 2 | 5): number {
    return this.bytes(tag, type).readInt32BE();
  }

  identifier(): string {
    const text = this.bytes(0x420094, 7).toString('latin1');
    assert.ok(text.length < 128, 'an identifier of 128 bytes and more');
    return text;
  }

  bytes(tag: number, type: number): Buffer {
    assert.ok(this.has(tag), `expected the tag ${tag.toString(16)}, found ${this.#rest.toString('hex', 0, 3)}`);
    assert.equal(this.#rest[3], type);
    return this.any();
  }

  /** The value of the next item, whatever it is. */
  any(): Buffer {
    const length = this.#rest.readUInt32BE(4);
    const value = this.#rest.subarray(8, 8 + length);
    this.#rest = this.#rest.subarray(8 + Math.ceil(length / 8) * 8);
    return value;
  }

  end(): void {
    assert.equal(this.#rest.length, 0, `there is more: ${this.#rest.toString('hex', 0, 3)}`);
  }
}
