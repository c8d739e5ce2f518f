import { Buffer } from 'node:buffer';
import { BlockCipherMode, CryptographicAlgorithm } from '../../../ttlv/tables/enums.ts';
import { publicRandom } from '../../crypto/random.ts';
import { KeyChainError } from '../error.ts';
import type { Root } from '../root.ts';
import { decrypt, type Exchange, encrypt, unavailable } from './kmip-messages.ts';

/** A key on a KMIP server, and who may use it. */
export interface KmipKeyOptions {
  /** PEM of the authority of the server's certificate. */
  readonly ca: string;
  /** PEM of the client's certificate and its private key. */
  readonly certificate: string;
  readonly privateKey: string;
  /** Unique Identifier of an AES key that the client may use for Encrypt and Decrypt. */
  readonly uniqueIdentifier: string;
  /** Keys that sealed the chain before, and may still open it. */
  readonly formerIdentifiers?: readonly string[];
}

/** Milliseconds for an answer, with what is needed to connect. */
export const TIMEOUT = 10_000;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const gcm = {
  blockCipherMode: BlockCipherMode.GCM,
  cryptographicAlgorithm: CryptographicAlgorithm.AES,
  tagLength: TAG_BYTES,
};

/**
 * A key on a KMIP server, Kleis or another one, which never leaves it: Encrypt and Decrypt with AES-GCM (KMIP 1.4), whatever
 * carries the messages. The wrapped key: length of the Unique Identifier (1), the Unique Identifier (UTF-8), nonce (12),
 * ciphertext (32), tag (16); additional data: the chain's context.
 */
export class KmipKey implements Root {
  readonly name = 'kmip';
  readonly #options: KmipKeyOptions;
  readonly #send: (request: Buffer) => Promise<Buffer>;
  readonly #id: Buffer;
  readonly #allowed: readonly string[];

  /**
   * `send` carries a request message to the server and the response message back; what it throws becomes the text of
   * `root-unavailable`. Throws KeyChainError `invalid-option`.
   */
  constructor(options: KmipKeyOptions, send: (request: Buffer) => Promise<Buffer>) {
    const { uniqueIdentifier, formerIdentifiers = [] } = options;
    this.#options = options;
    this.#send = send;
    this.#id = Buffer.from(uniqueIdentifier);
    this.#allowed = [uniqueIdentifier, ...formerIdentifiers];
    if (this.#id.length >= 1 && this.#id.length <= 255) return;
    throw new KeyChainError('invalid-option', 'the Unique Identifier must have 1 to 255 bytes');
  }

  async wrap(key: Buffer, context: Buffer): Promise<Buffer> {
    const nonce = publicRandom(NONCE_BYTES);
    const { data, authenticatedEncryptionTag: tag } = await this.#call(encrypt, {
      uniqueIdentifier: this.#options.uniqueIdentifier,
      cryptographicParameters: gcm,
      data: key,
      ivCounterNonce: nonce,
      authenticatedEncryptionAdditionalData: context,
    });
    if (data?.length !== key.length || tag?.length !== TAG_BYTES) throw unavailable('gave no AES-GCM ciphertext');
    return Buffer.concat([Buffer.from([this.#id.length]), this.#id, nonce, data, tag]);
  }

  async unwrap(wrapped: Buffer, context: Buffer): Promise<Buffer> {
    const nonceAt = 1 + (wrapped[0] ?? 0);
    const uniqueIdentifier = wrapped.toString('utf8', 1, nonceAt);
    // Else a key of somebody who can write the store would do.
    if (!this.#allowed.includes(uniqueIdentifier) || wrapped.length < nonceAt + NONCE_BYTES + TAG_BYTES) {
      throw new KeyChainError('wrong-root', 'the chain was sealed by another key of a KMIP server');
    }
    const dataAt = nonceAt + NONCE_BYTES;
    const { data } = await this.#call(decrypt, {
      uniqueIdentifier,
      cryptographicParameters: gcm,
      data: wrapped.subarray(dataAt, -TAG_BYTES),
      ivCounterNonce: wrapped.subarray(nonceAt, dataAt),
      authenticatedEncryptionAdditionalData: context,
      authenticatedEncryptionTag: wrapped.subarray(-TAG_BYTES),
    });
    if (data === undefined) throw unavailable('gave no data');
    return Buffer.from(data);
  }

  async #call<Request, Response>(operation: Exchange<Request, Response>, payload: Request): Promise<Response> {
    try {
      return operation.read(await this.#send(operation.write(payload)));
    } catch (cause) {
      if (cause instanceof KeyChainError) throw cause;
      throw unavailable(`does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    }
  }
}
