import { Buffer } from 'node:buffer';

/** The tags of ASN.1 (X.690) that keys and certificates use. */
export const DerTag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Null: 0x05,
  ObjectIdentifier: 0x06,
  Utf8String: 0x0c,
  Sequence: 0x30,
  Set: 0x31,
} as const;

/** One element of a DER encoding. Both buffers are views of what was read. */
export interface DerElement {
  readonly tag: number;
  /** The contents octets. */
  readonly body: Buffer;
  /** Identifier, length and contents octets. */
  readonly whole: Buffer;
}

/** The bytes are no DER, or not the structure that was expected. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** Reads the element that fills the whole of `bytes`. */
export function readDer(bytes: Buffer, tag?: number): DerElement {
  const element = elementAt(bytes, 0);
  if (element.whole.length !== bytes.length) throw new DerError('there are bytes after the element');
  return tag === undefined ? element : expectTag(element, tag);
}

/** The elements inside a constructed one, such as a SEQUENCE. */
export function derChildren(element: DerElement): DerElement[] {
  const children: DerElement[] = [];
  for (let offset = 0; offset < element.body.length; ) {
    const child = elementAt(element.body, offset);
    children.push(child);
    offset += child.whole.length;
  }
  return children;
}

/** The element itself, if it is there and has the tag. */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw new DerError(`expected the ASN.1 tag ${tag}`);
  return element;
}

/** The unsigned value of an INTEGER, big-endian, without leading zero bytes. */
export function derUnsigned(element: DerElement | undefined): Buffer {
  const { body } = expectTag(element, DerTag.Integer);
  const [first, second] = body;
  if (first === undefined || first >= 0x80) throw new DerError('expected an INTEGER that is not negative');
  if (first === 0 && second !== undefined && second < 0x80) throw new DerError('INTEGER with a needless zero byte');
  return first === 0 && body.length > 1 ? body.subarray(1) : body;
}

/** The bytes of a BIT STRING that ends with a whole byte. */
export function derBits(element: DerElement | undefined): Buffer {
  const { body } = expectTag(element, DerTag.BitString);
  if (body[0] !== 0) throw new DerError('expected a BIT STRING of whole bytes');
  return body.subarray(1);
}

/** Encodes one element from the parts of its contents. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(length)]), ...parts]);
}

/** An INTEGER from an unsigned big-endian number. */
export function writeDerUnsigned(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.of(0) : bytes.subarray(start);
  return (digits[0] ?? 0) < 0x80 ? writeDer(DerTag.Integer, digits) : writeDer(DerTag.Integer, Buffer.of(0), digits);
}

/** A BIT STRING of whole bytes. */
export function writeDerBits(bytes: Uint8Array): Buffer {
  return writeDer(DerTag.BitString, Buffer.of(0), bytes);
}

function elementAt(bytes: Buffer, offset: number): DerElement {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) throw new DerError('the encoding is truncated');
  if ((tag & 0x1f) === 0x1f) throw new DerError('long tags are not used in keys and certificates');
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + octets;
  if (first === 0x80 || octets > 4 || start > bytes.length) throw new DerError('the length octets are wrong');
  const length = octets === 0 ? first : bytes.readUIntBE(offset + 2, octets);
  if (octets > 0 && lengthOctets(length).length !== octets + 1) throw new DerError('the length octets are not minimal');
  if (start + length > bytes.length) throw new DerError('the encoding is truncated');
  return { tag, body: bytes.subarray(start, start + length), whole: bytes.subarray(offset, start + length) };
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}
