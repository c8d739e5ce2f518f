import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { BlockCipherMode, CryptographicAlgorithm, EncodingOption, WrappingMethod } from '../../ttlv/tables/enums.ts';
import { LATEST, type Version } from '../../ttlv/tables/versions.ts';
import { KmipError } from '../errors.ts';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';
import type { KeyBlock, PlainKeyValue } from '../kmip/structures/key-block.ts';
import { decodeKeyValue, encodeKeyValue } from '../kmip/structures/key-value-bytes.ts';
import type { KeyWrappingData, KeyWrappingSpecification } from '../kmip/structures/key-wrapping.ts';
import { cryptoFailed } from './failure.ts';
import { clearMaterial, type KeyHandle } from './keys.ts';

/** A key that wraps others, and the effective parameters of its use. */
export interface WrappingKey {
  readonly key: KeyHandle;
  readonly parameters: CryptographicParameters;
}

/** How a key is to be wrapped. */
export interface WrapInput {
  readonly specification: KeyWrappingSpecification;
  readonly wrappingKey: WrappingKey;
  /** What Attribute Name of the specification asks for; goes into the wrapped Key Value. */
  readonly attributes?: PlainKeyValue['attributes'];
  /** Put the wrapped bytes into a Key Value structure, in the form of `isWrappedInStructure`. */
  readonly inStructure?: boolean;
  readonly version: Version;
}

/**
 * Wraps the key of a Key Block with AES Key Wrap (RFC 3394) or AES Key Wrap with Padding (RFC 5649), for Get and Export.
 * Throws `encoding-option` where No Encoding is asked for with attributes or a transparent format, `bad-parameters` where
 * the data has a length that RFC 3394 does not wrap, `feature-not-supported` for other methods than Encrypt.
 */
export function wrapKey(block: KeyBlock, input: WrapInput): KeyBlock {
  const { specification, wrappingKey, attributes, version } = input;
  const { wrappingMethod, encryptionKeyInformation, encodingOption } = specification;
  checkMethod(specification);
  const keyMaterial = clearMaterial(block);
  const value: PlainKeyValue = attributes === undefined ? { keyMaterial } : { keyMaterial, attributes };
  const plain =
    encodingOption === EncodingOption.NoEncoding
      ? unencoded(value)
      : encodeKeyValue(block.keyFormatType, value, version);
  const wrapped = wrapBytes(wrappingKey, plain);
  const keyWrappingData: KeyWrappingData = {
    wrappingMethod,
    ...(encryptionKeyInformation && { encryptionKeyInformation }),
    ...(encodingOption && { encodingOption }),
  };
  return { ...block, keyValue: input.inStructure ? { keyMaterial: wrapped } : wrapped, keyWrappingData };
}

/**
 * Unwraps the key of a Key Block that came wrapped. Throws `crypto-failed` where the wrapping key is not the right one,
 * and `invalid-field` where what was wrapped is no Key Value.
 */
export function unwrapKey(block: KeyBlock, wrappingKey: WrappingKey, version: Version): KeyBlock {
  const { keyValue, keyWrappingData, ...rest } = block;
  if (keyValue === undefined || keyWrappingData === undefined) return block;
  checkMethod(keyWrappingData);
  const wrapped = Buffer.isBuffer(keyValue) ? keyValue : keyValue.keyMaterial;
  if (!Buffer.isBuffer(wrapped)) throw new KmipError('invalid-field', 'a wrapped Key Material is a Byte String');
  const plain = unwrapBytes(wrappingKey, wrapped);
  if (keyWrappingData.encodingOption === EncodingOption.NoEncoding) {
    return { ...rest, keyValue: { keyMaterial: plain } };
  }
  return { ...rest, keyValue: decoded(block, plain, version) };
}

/**
 * Whether a wrapped Key Value came as a structure whose Key Material is the wrapped bytes. The standard wants a Byte
 * String instead of the structure; published cases TC-WRAP-1-14 and TC-WRAP-3-14 register keys so, and want them back
 * in this form.
 */
export function isWrappedInStructure(block: KeyBlock): boolean {
  return block.keyWrappingData !== undefined && block.keyValue !== undefined && !Buffer.isBuffer(block.keyValue);
}

interface WrapMode {
  readonly suffix: string;
  /** The initial value of RFC 3394 (2.2.3.1), or the alternative one of RFC 5649 (3). */
  readonly initial: Buffer;
  fits(length: number): boolean;
}

const keyWrap: WrapMode = {
  suffix: 'wrap',
  initial: Buffer.alloc(8, 0xa6),
  fits: (length) => length >= 16 && length % 8 === 0,
};

const modes = new Map<BlockCipherMode | undefined, WrapMode>([
  [undefined, keyWrap],
  [BlockCipherMode.NISTKeyWrap, keyWrap],
  [
    BlockCipherMode.AESKeyWrapPadding,
    { suffix: 'wrap-pad', initial: Buffer.from('a65959a6', 'hex'), fits: (length) => length > 0 },
  ],
]);

/** Wraps bytes with an AES key; NIST Key Wrap where the parameters name no Block Cipher Mode. */
export function wrapBytes(wrappingKey: WrappingKey, plain: Buffer): Buffer {
  const { name, mode } = wrapCipher(wrappingKey);
  if (!mode.fits(plain.length)) {
    throw new KmipError('bad-parameters', 'NIST Key Wrap needs 16 bytes or more, a multiple of 8');
  }
  const cipher = createCipheriv(name, wrappingKey.key.object, mode.initial);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

/** Unwraps what `wrapBytes` wrapped; `crypto-failed` for anything else. */
export function unwrapBytes(wrappingKey: WrappingKey, wrapped: Buffer): Buffer {
  const { name, mode } = wrapCipher(wrappingKey);
  try {
    const decipher = createDecipheriv(name, wrappingKey.key.object, mode.initial);
    const plain = Buffer.concat([decipher.update(wrapped), decipher.final()]);
    if (mode.fits(plain.length)) return plain;
  } catch (cause) {
    throw cryptoFailed(cause);
  }
  throw cryptoFailed();
}

function wrapCipher({ key, parameters }: WrappingKey): { name: string; mode: WrapMode } {
  const mode = modes.get(parameters.blockCipherMode);
  if (mode === undefined || key.algorithm !== CryptographicAlgorithm.AES || ![16, 24, 32].includes(key.bytes)) {
    throw new KmipError('unsupported-parameters', 'keys are wrapped with AES keys, by NIST Key Wrap or with padding');
  }
  return { name: `id-aes${key.bytes * 8}-${mode.suffix}`, mode };
}

function checkMethod({ wrappingMethod, encryptionKeyInformation }: KeyWrappingData | KeyWrappingSpecification): void {
  if (wrappingMethod !== WrappingMethod.Encrypt) {
    throw new KmipError('feature-not-supported', 'the only Wrapping Method is Encrypt');
  }
  if (encryptionKeyInformation === undefined) {
    throw new KmipError('invalid-field', 'the Encryption Key Information is missing');
  }
}

function unencoded({ keyMaterial, attributes }: PlainKeyValue): Buffer {
  if (Buffer.isBuffer(keyMaterial) && attributes === undefined) return keyMaterial;
  throw new KmipError('encoding-option', 'No Encoding is for byte strings without attributes');
}

/**
 * The Key Value inside: its attributes have the form of the message that brought it, 1.x or 2.x, which is not that of
 * every later request.
 */
function decoded(block: KeyBlock, plain: Buffer, version: Version): PlainKeyValue {
  const other = version < 20 ? LATEST : 14;
  try {
    return decodeKeyValue(block.keyFormatType, plain, version);
  } catch {
    try {
      return decodeKeyValue(block.keyFormatType, plain, other);
    } catch (cause) {
      throw new KmipError('invalid-field', 'what was wrapped is no TTLV-encoded Key Value', { cause });
    }
  }
}
