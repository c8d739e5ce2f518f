import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { publicRandom } from '../crypto/random.ts';
import { Secret, secretBytes } from '../crypto/secret.ts';
import { type ChainKey, chainKey, KEY_BYTES } from './chain-key.ts';
import { KeyChainError } from './error.ts';
import type { Root } from './root.ts';

/*
 * A sealed chain. Numbers are big-endian.
 *
 *   4        'K' 'L' 'C' and the version, 1
 *   16       identifier of the chain, random
 *   1        length of the root's name
 *   r        name of the root, ASCII                              up to here: the root's context
 *   2        length of the wrapped sealing key
 *   w        the sealing key (32 bytes), wrapped by the root
 *   2        number of keys, at least 1
 *   28+44n   the keys: nonce (12), ciphertext, tag (16); AES-256-GCM under the sealing key, which is made for this
 *            one encryption; additional data: all before
 *
 * A key is its number (4), when it was made (8; seconds since 1970) and the key (32). The last one is the primary.
 */
const MAGIC = Buffer.from('KLC\x01', 'latin1');
export const ID_BYTES = 16;
const ID_END = MAGIC.length + ID_BYTES;
const ENTRY_BYTES = 4 + 8 + KEY_BYTES;
const ENVELOPE_BYTES = 28;

/** A chain whose keys are at hand. */
export interface OpenChain {
  readonly id: Buffer;
  readonly keys: ReadonlyMap<number, ChainKey>;
  /** The key that encrypts. */
  readonly primary: ChainKey;
  /** The same, sealed. */
  readonly sealed: Buffer;
}

/** A new chain of one key. Calls the root once. */
export function makeChain(root: Root): Promise<OpenChain> {
  const id = Buffer.from(publicRandom(ID_BYTES));
  return seal(root, id, [newKey(id, 1)]);
}

/** The chain with one more key, its new primary. Calls the root once. */
export function extendChain(root: Root, { id, keys, primary }: OpenChain): Promise<OpenChain> {
  return seal(root, id, [...keys.values(), newKey(id, primary.number + 1)]);
}

/**
 * Opens a sealed chain. Calls the root once.
 * @throws KeyChainError `wrong-root`, `damaged-chain`, and what the root throws
 */
export async function openChain(root: Root, sealed: Buffer): Promise<OpenChain> {
  const { id, rootName, contextEnd, wrapped, keysAt } = read(sealed);
  if (rootName !== root.name) {
    throw new KeyChainError('wrong-root', `the chain was sealed by another kind of root, not by ${root.name}`);
  }
  using key = new Secret(await root.unwrap(wrapped, sealed.subarray(0, contextEnd)));
  const bytes = openBytes(key.expose(), sealed.subarray(keysAt), sealed.subarray(0, keysAt));
  if (bytes === undefined) throw damaged('was changed');
  using entries = new Secret(bytes);
  return opened(id, readKeys(id, entries.expose()), sealed);
}

/** The identifier of the chain that the bytes say they are. Throws KeyChainError `damaged-chain`. */
export function chainIdOf(sealed: Buffer): Buffer {
  return read(sealed).id;
}

/** The usual text form of an identifier. */
export function idText(id: Buffer): string {
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function newKey(id: Buffer, number: number): ChainKey {
  using bytes = new Secret(randomBytes(KEY_BYTES));
  return chainKey(id, number, Math.floor(Date.now() / 1000), bytes);
}

async function seal(root: Root, id: Buffer, keys: readonly ChainKey[]): Promise<OpenChain> {
  const name = Buffer.from(root.name, 'latin1');
  const context = Buffer.concat([MAGIC, id, Buffer.from([name.length]), name]);
  using key = new Secret(randomBytes(KEY_BYTES));
  const wrapped = await root.wrap(key.expose(), context);
  const head = Buffer.concat([context, uint16(wrapped.length), wrapped, uint16(keys.length)]);
  using entries = writeKeys(keys);
  return opened(id, keys, Buffer.concat([head, sealBytes(key.expose(), entries.expose(), head)]));
}

function opened(id: Buffer, keys: readonly ChainKey[], sealed: Buffer): OpenChain {
  const primary = keys.at(-1);
  if (primary === undefined) throw damaged('has no key');
  return { id, primary, sealed, keys: new Map(keys.map((key) => [key.number, key])) };
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function writeKeys(keys: readonly ChainKey[]): Secret {
  const entries = new Secret(secretBytes(keys.length * ENTRY_BYTES));
  for (const [at, { number, created, secret }] of keys.entries()) {
    const entry = entries.expose().subarray(at * ENTRY_BYTES);
    entry.writeUInt32BE(number);
    entry.writeBigUInt64BE(BigInt(created), 4);
    using bytes = new Secret(secret.export());
    entry.set(bytes.expose(), 12);
  }
  return entries;
}

function readKeys(id: Buffer, entries: Buffer): ChainKey[] {
  return Array.from({ length: entries.length / ENTRY_BYTES }, (_, at) => {
    const entry = entries.subarray(at * ENTRY_BYTES, (at + 1) * ENTRY_BYTES);
    return chainKey(id, entry.readUInt32BE(0), Number(entry.readBigUInt64BE(4)), new Secret(entry.subarray(12)));
  });
}

interface Parts {
  readonly id: Buffer;
  readonly rootName: string;
  readonly contextEnd: number;
  readonly wrapped: Buffer;
  readonly keysAt: number;
}

function read(sealed: Buffer): Parts {
  if (!sealed.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged('is none, or of a newer version of this library');
  const contextEnd = ID_END + 1 + (sealed[ID_END] ?? 0);
  const wrappedAt = contextEnd + 2;
  const wrappedEnd = wrappedAt <= sealed.length ? wrappedAt + sealed.readUInt16BE(contextEnd) : wrappedAt;
  const keysAt = wrappedEnd + 2;
  const count = keysAt <= sealed.length ? sealed.readUInt16BE(wrappedEnd) : 0;
  if (count === 0 || sealed.length !== keysAt + ENVELOPE_BYTES + count * ENTRY_BYTES) throw damaged('is not complete');
  return {
    id: sealed.subarray(MAGIC.length, ID_END),
    rootName: sealed.toString('latin1', ID_END + 1, contextEnd),
    contextEnd,
    wrapped: sealed.subarray(wrappedAt, wrappedEnd),
    keysAt,
  };
}

function damaged(how: string): KeyChainError {
  return new KeyChainError('damaged-chain', `the sealed chain ${how}`);
}
