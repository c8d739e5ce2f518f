import { secretBytes } from '../crypto/secret.ts';

/** Crockford's alphabet: no letter that is taken for a digit or for another letter, none that is read aloud alike. */
const alphabet = Buffer.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ');

/** The value of an ASCII character, case does not count, O is 0, I and L are 1; 255 for what is no character of the alphabet. */
const values = Buffer.alloc(256, 255);
alphabet.forEach((character, value) => {
  values[character] = value;
  values[character | 0x20] = value;
});
for (const pair of ['O0', 'o0', 'I1', 'i1', 'L1', 'l1']) {
  values[pair.charCodeAt(0)] = values[pair.charCodeAt(1)] as number;
}

/** Bytes (a multiple of 5) as ASCII, 8 characters for 5 bytes. */
export function encodeBase32(bytes: Buffer): Buffer {
  const text = secretBytes((bytes.length / 5) * 8);
  for (let at = 0; at < text.length; at += 1) text[at] = alphabet[fiveBits(bytes, at * 5)] as number;
  return text;
}

/** The bytes of characters (a multiple of 8); undefined where one of them is none of the alphabet. */
export function decodeBase32(text: Buffer): Buffer | undefined {
  const bytes = secretBytes((text.length / 8) * 5);
  for (let at = 0; at < text.length; at += 1) {
    const value = values[text[at] as number] as number;
    if (value > 31) {
      bytes.fill(0);
      return undefined;
    }
    setFiveBits(bytes, at * 5, value);
  }
  return bytes;
}

/** Five bits from position `bit` on, the most significant first. */
function fiveBits(bytes: Buffer, bit: number): number {
  const at = bit >> 3;
  const two = ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
  return (two >> (11 - (bit & 7))) & 31;
}

function setFiveBits(bytes: Buffer, bit: number, value: number): void {
  const at = bit >> 3;
  const two = value << (11 - (bit & 7));
  bytes[at] = (bytes[at] as number) | (two >> 8);
  if ((two & 0xff) !== 0) bytes[at + 1] = (bytes[at + 1] as number) | (two & 0xff);
}
