import { execFileSync, spawnSync } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';

/** Whether the command line of age is there, which `make test` installs where it can. */
export function hasAge(): boolean {
  return spawnSync('age', ['--version']).status === 0;
}

/** A new identity of age in the file `path`, and its recipient. */
export function makeAgeIdentity(path: string): string {
  execFileSync('age-keygen', ['--output', path], { stdio: 'ignore' });
  return execFileSync('age-keygen', ['-y', path], { encoding: 'utf8' }).trim();
}

/** Writes an X25519 key as age keeps its own: Bech32 (BIP 173) of its 32 bytes, by nothing of what is tested. */
export function writeAsAgeIdentity(path: string, key: KeyObject): void {
  const scalar = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
  writeFileSync(path, `${bech32('age-secret-key-', scalar).toUpperCase()}\n`);
}

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

function bech32(prefix: string, bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const words = (bits.match(/.{1,5}/g) ?? []).map((group) => Number.parseInt(group.padEnd(5, '0'), 2));
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  const head = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const sum = checksum([...head, ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = [25, 20, 15, 10, 5, 0].map((shift) => (sum >> shift) & 31);
  return `${prefix}1${[...words, ...check].map((word) => alphabet[word]).join('')}`;
}

function checksum(words: readonly number[]): number {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  return words.reduce((sum, word) => {
    const next = ((sum & 0x1ffffff) << 5) ^ word;
    return generator.reduce((value, factor, bit) => ((sum >> (25 + bit)) & 1 ? value ^ factor : value), next);
  }, 1);
}
