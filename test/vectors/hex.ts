import { Buffer } from 'node:buffer';

/** The bytes of hex digits; bars and blanks between them are for the reader. */
export function hex(text: string): Buffer {
  const digits = text.replace(/[|\s]/g, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not hex: ${text}`);
  return Buffer.from(digits, 'hex');
}
