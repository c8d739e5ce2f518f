import { hash } from 'node:crypto';
import { Secret, secretBytes } from '../crypto/secret.ts';
import { decodeBase32, encodeBase32 } from './base32.ts';

/*
 * A share as people keep and type it: `KLEIS1`, then 18 groups of four characters of Crockford's base32, each after a `-`.
 * Case does not count, nor do white space and hyphens; O is read as 0, I and L as 1. The 45 bytes:
 *
 *   installation 4   the first bytes of SHA-256 of its identifier
 *   split        2   the number of the split, big-endian: each rekey makes another one
 *   threshold    1   how many shares open the seal
 *   number       1   of the share, from 1
 *   point       33   y (32 bytes) and x (1 byte) of the share; with threshold 1, y is the secret itself
 *   check        4   the first bytes of SHA-256 of `KLEIS1` and all of the above
 */

/** One share, as it was handed out. */
export interface Share {
  readonly installation: Buffer;
  readonly split: number;
  readonly threshold: number;
  readonly number: number;
  /** 33 bytes. */
  readonly point: Secret;
}

const PREFIX = Buffer.from('KLEIS1');
const GROUP = 4;
const INSTALLATION_BYTES = 4;
const POINT_AT = 8;
export const POINT_BYTES = 33;
const CHECK_AT = POINT_AT + POINT_BYTES;
const BYTES = CHECK_AT + 4;
const CHARACTERS = (BYTES * 8) / 5;

/** The mark of an installation in its shares. */
export function installationMark(installationId: string): Buffer {
  return hash('sha256', Buffer.from(installationId), 'buffer').subarray(0, INSTALLATION_BYTES);
}

/** The text of a share, ASCII. */
export function encodeShare({ installation, split, threshold, number, point }: Share): Buffer {
  const bytes = secretBytes(BYTES);
  installation.copy(bytes);
  bytes.writeUInt16BE(split, INSTALLATION_BYTES);
  bytes.writeUInt8(threshold, INSTALLATION_BYTES + 2);
  bytes.writeUInt8(number, INSTALLATION_BYTES + 3);
  point.expose().copy(bytes, POINT_AT);
  checkOf(bytes).copy(bytes, CHECK_AT);
  const characters = encodeBase32(bytes);
  const text = secretBytes(PREFIX.length + CHARACTERS + CHARACTERS / GROUP).fill('-');
  PREFIX.copy(text);
  for (let at = 0; at < CHARACTERS; at += GROUP) {
    characters.copy(text, PREFIX.length + 1 + (at / GROUP) * (GROUP + 1), at, at + GROUP);
  }
  bytes.fill(0);
  characters.fill(0);
  return text;
}

/** The share of a text, or what is wrong with it. Every buffer that held the share on the way is zeroed. */
export function decodeShare(text: Buffer): Share | 'malformed' | 'check-failed' {
  const characters = compact(text);
  const bytes = isPrefixed(characters) ? decodeBase32(characters.subarray(PREFIX.length)) : undefined;
  characters.fill(0);
  if (bytes === undefined) return 'malformed';
  const share = checkOf(bytes).equals(bytes.subarray(CHECK_AT)) ? parse(bytes) : 'check-failed';
  bytes.fill(0);
  return share;
}

function parse(bytes: Buffer): Share {
  return {
    installation: Buffer.from(bytes.subarray(0, INSTALLATION_BYTES)),
    split: bytes.readUInt16BE(INSTALLATION_BYTES),
    threshold: bytes.readUInt8(INSTALLATION_BYTES + 2),
    number: bytes.readUInt8(INSTALLATION_BYTES + 3),
    point: new Secret(Buffer.from(bytes.subarray(POINT_AT, CHECK_AT))),
  };
}

function checkOf(bytes: Buffer): Buffer {
  const covered = Buffer.concat([PREFIX, bytes.subarray(0, CHECK_AT)]);
  const check = hash('sha256', covered, 'buffer').subarray(0, BYTES - CHECK_AT);
  covered.fill(0);
  return check;
}

/** The text without white space and hyphens. */
function compact(text: Buffer): Buffer {
  const kept = secretBytes(text.length);
  let length = 0;
  for (const character of text) {
    if (!skipped.includes(character)) kept[length++] = character;
  }
  return kept.subarray(0, length);
}

const skipped = Buffer.from(' \t\r\n-');

function isPrefixed(characters: Buffer): boolean {
  if (characters.length !== PREFIX.length + CHARACTERS) return false;
  return /^k[l1i]e[l1i]s[l1i]$/i.test(characters.toString('latin1', 0, PREFIX.length));
}
