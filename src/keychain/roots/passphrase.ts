import { Buffer } from 'node:buffer';
import { createSecretKey, type KeyObject, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { openBytes, sealBytes } from '../../crypto/envelope.ts';
import { inThreadPool } from '../../crypto/pool.ts';
import { Secret } from '../../crypto/secret.ts';
import { KeyChainError } from '../error.ts';
import type { Root } from '../root.ts';

const derive = promisify(pbkdf2);

const ITERATIONS = 600_000;
/** What a changed chain may ask for at most: some seconds. */
const MOST_ITERATIONS = 10_000_000;
const LEAST_BYTES = 12;
const SALT_BYTES = 32;
const HEAD_BYTES = 4 + SALT_BYTES;
const KEY_BYTES = 32;

/**
 * A root that is derived from a passphrase by PBKDF2-HMAC-SHA256 (RFC 8018) with 600 000 iterations, in the thread pool.
 * The wrapped key: number of iterations (4, big-endian), salt (32), nonce (12), ciphertext (32), tag (16); AES-256-GCM,
 * additional data: iterations, salt, then the chain's context.
 */
export class PassphraseRoot implements Root {
  readonly name = 'passphrase';
  readonly #passphrase: Secret;

  /** Text is taken as UTF-8. Throws KeyChainError `invalid-option` below 12 bytes. */
  constructor(passphrase: string | Uint8Array) {
    // A copy, so that what the caller does to the bytes does not matter.
    const bytes = typeof passphrase === 'string' ? Buffer.from(passphrase) : Buffer.from(passphrase);
    if (bytes.length < LEAST_BYTES) {
      throw new KeyChainError('invalid-option', `the passphrase must have at least ${LEAST_BYTES} bytes`);
    }
    this.#passphrase = new Secret(bytes);
  }

  async wrap(key: Buffer, context: Buffer): Promise<Buffer> {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32BE(ITERATIONS);
    head.set(randomBytes(SALT_BYTES), 4);
    return Buffer.concat([head, sealBytes(await this.#derive(head), key, Buffer.concat([head, context]))]);
  }

  async unwrap(wrapped: Buffer, context: Buffer): Promise<Buffer> {
    const head = wrapped.subarray(0, HEAD_BYTES);
    const iterations = head.length === HEAD_BYTES ? head.readUInt32BE() : 0;
    if (iterations >= ITERATIONS && iterations <= MOST_ITERATIONS) {
      const root = await this.#derive(head);
      const key = openBytes(root, wrapped.subarray(HEAD_BYTES), Buffer.concat([head, context]));
      if (key !== undefined) return key;
    }
    throw new KeyChainError('wrong-root', 'the passphrase does not open the chain, or the chain was changed');
  }

  async #derive(head: Buffer): Promise<KeyObject> {
    const [iterations, salt] = [head.readUInt32BE(), head.subarray(4)];
    const bytes = await inThreadPool(() => derive(this.#passphrase.expose(), salt, iterations, KEY_BYTES, 'sha256'));
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  }
}
