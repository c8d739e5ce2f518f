import { publicRandom } from '../crypto/random.ts';

/**
 * A new unique identifier: a UUID of version 7 (RFC 9562, 5.7), 48 bits of milliseconds and 74 of randomness. Identifiers of
 * one time lie side by side in the index of the database, so that a commit of many touches few pages.
 */
export function newIdentifier(milliseconds: number): string {
  const random = publicRandom(16);
  random.writeUIntBE(milliseconds, 0, 6);
  random.writeUInt8((random.readUInt8(6) & 0x0f) | 0x70, 6);
  random.writeUInt8((random.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = random.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
