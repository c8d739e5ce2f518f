import { BlockCipherMode, CryptographicAlgorithm } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { includesLength, type Lengths } from './algorithms.ts';
import type { KeyHandle } from './keys.ts';

/** A cipher: an algorithm with a key length and a mode. All lengths are in bytes. */
export interface CipherRow {
  /** OpenSSL's name. */
  readonly name: string;
  /** The block that data must fill; 0: data of any length is encrypted without padding. */
  readonly block: number;
  /** Lengths of initialisation vectors that clients may give; undefined: there is none. */
  readonly iv: Lengths | undefined;
  /** Length of the vectors that are made here. */
  readonly madeIv: number;
  /** Lengths of the authentication tag; undefined: the cipher does not authenticate. */
  readonly tag: Lengths | undefined;
  /** How the vector becomes OpenSSL's, where that is not the same. */
  readonly vector: 'as it is' | 'counter block' | 'counter before nonce';
  /** Whether the whole message has to be there at once. */
  readonly whole: boolean;
}

interface Mode {
  readonly mode: BlockCipherMode;
  /** The end of OpenSSL's name. */
  readonly suffix: string;
  row(block: number): Omit<CipherRow, 'name'>;
}

const M = BlockCipherMode;
const A = CryptographicAlgorithm;

const plain = { block: 0, tag: undefined, vector: 'as it is', whole: false } as const;
const chained = (block: number) => ({ ...plain, iv: [block], madeIv: block });

const ecb: Mode = { mode: M.ECB, suffix: 'ecb', row: (block) => ({ ...plain, block, iv: undefined, madeIv: 0 }) };
const cbc: Mode = { mode: M.CBC, suffix: 'cbc', row: (block) => ({ ...chained(block), block }) };
const cfb: Mode = { mode: M.CFB, suffix: 'cfb', row: chained };
const ofb: Mode = { mode: M.OFB, suffix: 'ofb', row: chained };
const ctr: Mode = {
  mode: M.CTR,
  suffix: 'ctr',
  row: (block) => ({ ...chained(block), iv: { from: 8, to: block, step: 1 }, vector: 'counter block' }),
};
const gcm: Mode = {
  mode: M.GCM,
  suffix: 'gcm',
  // Tags below 96 bits need limits on the number of attempts (SP 800-38D, appendix C) that no one here keeps.
  row: () => ({ ...plain, iv: { from: 1, to: 128, step: 1 }, madeIv: 12, tag: { from: 12, to: 16, step: 1 } }),
};

/** A block cipher: the beginnings of OpenSSL's names by key length, and the modes. */
interface Family {
  readonly algorithm: CryptographicAlgorithm;
  readonly names: Readonly<Record<number, string>>;
  readonly block: number;
  readonly modes: readonly Mode[];
}

const basic = [ecb, cbc, cfb, ofb];

const families: readonly Family[] = [
  {
    algorithm: A.AES,
    names: { 16: 'aes-128', 24: 'aes-192', 32: 'aes-256' },
    block: 16,
    modes: [...basic, ctr, gcm],
  },
  { algorithm: A.DES3, names: { 16: 'des-ede', 24: 'des-ede3' }, block: 8, modes: basic },
  {
    algorithm: A.Camellia,
    names: { 16: 'camellia-128', 24: 'camellia-192', 32: 'camellia-256' },
    block: 16,
    modes: [...basic, ctr],
  },
  {
    algorithm: A.ARIA,
    names: { 16: 'aria-128', 24: 'aria-192', 32: 'aria-256' },
    block: 16,
    modes: [...basic, ctr, gcm],
  },
  { algorithm: A.SM4, names: { 16: 'sm4' }, block: 16, modes: [...basic, ctr, gcm] },
];

interface NamedRow extends CipherRow {
  readonly algorithm: CryptographicAlgorithm;
  readonly keyBytes: number;
  readonly mode: BlockCipherMode | undefined;
}

const xts = { ...chained(16), algorithm: A.AES, mode: M.XTS, whole: true };
const poly1305 = {
  ...plain,
  algorithm: A.ChaCha20Poly1305,
  keyBytes: 32,
  name: 'chacha20-poly1305',
  iv: [12],
  madeIv: 12,
  tag: [16],
};

/** The ciphers whose names or modes follow no rule. */
const singles: readonly NamedRow[] = [
  { ...xts, keyBytes: 32, name: 'aes-128-xts' },
  { ...xts, keyBytes: 64, name: 'aes-256-xts' },
  {
    ...plain,
    algorithm: A.ChaCha20,
    keyBytes: 32,
    mode: undefined,
    name: 'chacha20',
    // The nonces of the original cipher, of RFC 8439, and with a counter in front.
    iv: [8, 12, 16],
    madeIv: 12,
    vector: 'counter before nonce',
  },
  { ...poly1305, mode: undefined },
  { ...poly1305, mode: M.AEAD },
];

/** Every cipher that the server encrypts and decrypts with. */
export const ciphers: readonly NamedRow[] = [
  ...families.flatMap(({ algorithm, names, block, modes }) =>
    Object.entries(names).flatMap(([keyBytes, name]) =>
      modes.map(({ mode, suffix, row }) => {
        return { algorithm, keyBytes: Number(keyBytes), mode, name: `${name}-${suffix}`, ...row(block) };
      }),
    ),
  ),
  ...singles,
];

const position = (algorithm: number, keyBytes: number, mode: number): number =>
  (algorithm * 1024 + keyBytes) * 64 + mode;
const byPosition = new Map(ciphers.map((row) => [position(row.algorithm, row.keyBytes, row.mode ?? 0), row]));

/**
 * The cipher for a key and a mode. Throws `bad-parameters` where a mode is needed and none was given, and
 * `unsupported-parameters` where the algorithm, the length of the key or the mode is not supported.
 */
export function cipherFor(key: KeyHandle, mode: BlockCipherMode | undefined): CipherRow {
  const row = byPosition.get(position(key.algorithm ?? 0, key.bytes, mode ?? 0));
  if (row !== undefined) return row;
  if (mode === undefined && families.some((one) => one.algorithm === key.algorithm)) {
    throw new KmipError('bad-parameters', 'the Block Cipher Mode is missing');
  }
  throw new KmipError('unsupported-parameters', 'the algorithm, key length or Block Cipher Mode is not supported');
}

/**
 * Checks a Tag Length, in bytes; the longest where none is given. `impossible-tag-length` where the cipher has no such
 * tag.
 */
export function tagLength(row: CipherRow, wanted: number | undefined): number {
  if (row.tag === undefined) return 0;
  const length = wanted ?? 16;
  if (!includesLength(row.tag, length)) throw new KmipError('impossible-tag-length', 'the Tag Length is not possible');
  return length;
}
