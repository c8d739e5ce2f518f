import { Buffer } from 'node:buffer';
import { type CipherGCM, type CipherGCMTypes, createCipheriv, createDecipheriv, type DecipherGCM } from 'node:crypto';
import type { Awaitable } from '../awaitable.ts';
import { KmipError } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';
import { type CipherRow, cipherFor, tagLength } from './cipher-table.ts';
import { cryptoFailed } from './failure.ts';
import type { KeyHandle } from './keys.ts';
import { type Padding, paddingOf } from './padding.ts';
import { decryptRsa, encryptRsa } from './rsa-cipher.ts';
import { decryptionVector, encryptionVector } from './vector.ts';

const empty = Buffer.alloc(0);

/** What both directions are given; `parameters` are the effective ones. */
export interface CipherInput {
  readonly parameters: CryptographicParameters;
  readonly iv?: Buffer | undefined;
  readonly additionalData?: Buffer | undefined;
}

export interface EncryptInput extends CipherInput {
  readonly data: Buffer;
}

/** `tag` absent: the tag is at the end of the data (KMIP 1.2 and 1.3 have no field for it). */
export interface DecryptInput extends CipherInput {
  readonly data: Buffer;
  readonly tag?: Buffer | undefined;
}

/** A ciphertext; `iv` if it was made here, `tag` if the mode authenticates. */
export interface Encrypted {
  readonly data: Buffer;
  readonly iv?: Buffer | undefined;
  readonly tag?: Buffer | undefined;
}

/**
 * Encrypts a message with a symmetric key or an RSA public key. Throws `bad-parameters`, `unsupported-parameters` or
 * `impossible-tag-length` for parameters, `invalid-field` for data of an impossible length.
 */
export function encrypt(key: KeyHandle, input: EncryptInput): Encrypted {
  if (key.object.type !== 'secret') return { data: encryptRsa(key, input.parameters, input.data) };
  const encryption = new Encryption(key, input, true);
  const first = encryption.update(input.data);
  const { data, tag } = encryption.final();
  return { data: joined(first, data), iv: encryption.madeIv, tag };
}

/**
 * Decrypts a message with a symmetric key or an RSA private key. Besides the errors of `encrypt`: `invalid-message`
 * without an IV where one is needed, and `crypto-failed`, the same whatever is wrong with the ciphertext.
 */
export function decrypt(key: KeyHandle, input: DecryptInput): Awaitable<Buffer> {
  if (key.object.type !== 'secret') return decryptRsa(key, input.parameters, input.data);
  const decryption = new Decryption(key, input, true);
  return joined(decryption.update(input.data), decryption.final());
}

/** An encryption by parts: `update` and `final` together give the ciphertext. Symmetric keys only. */
export class Encryption {
  /** The vector, if the server made it. */
  readonly madeIv: Buffer | undefined;
  readonly #cipher: CipherGCM;
  readonly #row: CipherRow;
  readonly #padding: Padding | undefined;
  #length = 0;

  /** `whole`: the message comes in one part. */
  constructor(key: KeyHandle, input: CipherInput, whole = false) {
    const { parameters, iv, additionalData } = input;
    const row = cipherIn(key, parameters, whole);
    const vector = encryptionVector(row, iv, parameters);
    // The types of node:crypto have the options of authentication for these names only; other ciphers ignore them.
    const options = row.tag && { authTagLength: tagLength(row, parameters.tagLength) };
    const cipher = createCipheriv(row.name as CipherGCMTypes, key.object, vector.forCipher, options);
    this.#padding = setPadding(row, cipher, parameters);
    if (row.tag !== undefined && additionalData !== undefined) cipher.setAAD(additionalData);
    this.#cipher = cipher;
    this.#row = row;
    this.madeIv = iv === undefined ? vector.forClient : undefined;
  }

  update(data: Buffer): Buffer {
    this.#length += data.length;
    return run(() => this.#cipher.update(data));
  }

  /** Throws `invalid-field` where the message does not fill its last block and there is no padding. */
  final(): { readonly data: Buffer; readonly tag?: Buffer } {
    const { block, tag } = this.#row;
    const used = block === 0 ? 0 : this.#length % block;
    const padding = this.#padding?.pad(used, block);
    const last = padding === undefined ? empty : this.#cipher.update(padding);
    const data = joined(
      last,
      run(() => this.#cipher.final()),
    );
    return tag === undefined ? { data } : { data, tag: this.#cipher.getAuthTag() };
  }
}

/**
 * A decryption by parts. Symmetric keys only. What `update` gives of an authenticated message is genuine only if `final`
 * succeeds. Without a tag at the start, the tag is the end of the data.
 */
export class Decryption {
  readonly #decipher: DecipherGCM;
  readonly #row: CipherRow;
  readonly #padding: Padding | undefined;
  /** Bytes at the end of the data that are the tag. */
  readonly #tagBytes: number;
  /** Plaintext that has to wait, because it may be padding. */
  #held: Buffer = empty;
  /** Data that has to wait, because it may be the tag. */
  #tail: Buffer = empty;

  constructor(key: KeyHandle, input: CipherInput & { readonly tag?: Buffer | undefined }, whole = false) {
    const { parameters, iv, additionalData, tag } = input;
    const row = cipherIn(key, parameters, whole);
    const vector = decryptionVector(row, iv, parameters);
    const length = row.tag && tagLength(row, parameters.tagLength ?? tag?.length);
    if (tag !== undefined && length !== undefined && tag.length !== length) throw cryptoFailed();
    const options = length === undefined ? undefined : { authTagLength: length };
    const decipher = createDecipheriv(row.name as CipherGCMTypes, key.object, vector, options);
    this.#padding = setPadding(row, decipher, parameters);
    if (row.tag !== undefined) {
      if (tag !== undefined) decipher.setAuthTag(tag);
      if (additionalData !== undefined) decipher.setAAD(additionalData);
    }
    this.#decipher = decipher;
    this.#row = row;
    this.#tagBytes = tag === undefined ? (length ?? 0) : 0;
  }

  update(data: Buffer): Buffer {
    const plain = opened(() => this.#decipher.update(this.#tagBytes === 0 ? data : this.#withoutTail(data)));
    if (this.#padding === undefined) return plain;
    const [ready, held] = splitEnd(joined(this.#held, plain), this.#row.block);
    this.#held = held;
    return ready;
  }

  /** The rest of the message. Throws `crypto-failed` if tag, padding or length is wrong, without saying which. */
  final(): Buffer {
    if (this.#tail.length < this.#tagBytes) throw cryptoFailed();
    if (this.#tagBytes > 0) this.#decipher.setAuthTag(this.#tail);
    const last = joined(
      this.#held,
      opened(() => this.#decipher.final()),
    );
    if (this.#padding === undefined || last.length === 0) return last;
    const length = this.#padding.unpad(last);
    if (length === undefined) throw cryptoFailed();
    return last.subarray(0, length);
  }

  /** The data so far that cannot be the tag. */
  #withoutTail(data: Buffer): Buffer {
    const [ready, tail] = splitEnd(joined(this.#tail, data), this.#tagBytes);
    this.#tail = tail;
    return ready;
  }
}

function cipherIn(key: KeyHandle, parameters: CryptographicParameters, whole: boolean): CipherRow {
  if (key.object.type !== 'secret') {
    throw new KmipError('feature-not-supported', 'messages in parts are for symmetric keys only');
  }
  const row = cipherFor(key, parameters.blockCipherMode);
  if (row.whole && !whole) throw new KmipError('feature-not-supported', 'the mode needs the message as a whole');
  return row;
}

function setPadding(row: CipherRow, cipher: CipherGCM | DecipherGCM, { paddingMethod }: CryptographicParameters) {
  if (row.block === 0) return undefined;
  const padding = paddingOf(paddingMethod);
  cipher.setAutoPadding(padding === 'auto');
  return typeof padding === 'string' ? undefined : padding;
}

/** All but the last `length` bytes, and those: a copy, since a part's memory is not to last until the next. */
function splitEnd(all: Buffer, length: number): [Buffer, Buffer] {
  const end = Math.max(0, all.length - length);
  return [all.subarray(0, end), Buffer.from(all.subarray(end))];
}

function joined(first: Buffer, second: Buffer): Buffer {
  if (second.length === 0) return first;
  return first.length === 0 ? second : Buffer.concat([first, second]);
}

function run(step: () => Buffer): Buffer {
  try {
    return step();
  } catch (cause) {
    throw new KmipError('invalid-field', 'the Data has a length that mode and Padding Method do not allow', { cause });
  }
}

function opened(step: () => Buffer): Buffer {
  try {
    return step();
  } catch (cause) {
    throw cryptoFailed(cause);
  }
}
