import { Buffer } from 'node:buffer';
import { type DerElement, DerError, DerTag, derChildren, expectTag } from './der.ts';

/** The parts of a name that the standard has attributes for (KMIP 2.1, 4.6), by their short names. */
export type NamePart =
  | 'CN'
  | 'O'
  | 'OU'
  | 'Email'
  | 'C'
  | 'ST'
  | 'L'
  | 'UID'
  | 'SerialNumber'
  | 'Title'
  | 'DC'
  | 'DNQualifier';

/** A distinguished name. */
export interface DistinguishedName {
  readonly der: Buffer;
  /** The string of RFC 4514: the last part first, such as `CN=Inter,O=Kmip Test,C=AU`. */
  readonly text: string;
  /** The values of each part, in the order of the encoding. */
  readonly parts: Readonly<Partial<Record<NamePart, readonly string[]>>>;
}

/** Object identifiers of attribute types (RFC 4519, RFC 2985): the name in RFC 4514 strings, and the standard's part. */
const attributeTypes = new Map<string, { readonly short: string; readonly part?: NamePart }>([
  ['2.5.4.3', { short: 'CN', part: 'CN' }],
  ['2.5.4.4', { short: 'SN' }],
  ['2.5.4.5', { short: 'serialNumber', part: 'SerialNumber' }],
  ['2.5.4.6', { short: 'C', part: 'C' }],
  ['2.5.4.7', { short: 'L', part: 'L' }],
  ['2.5.4.8', { short: 'ST', part: 'ST' }],
  ['2.5.4.9', { short: 'STREET' }],
  ['2.5.4.10', { short: 'O', part: 'O' }],
  ['2.5.4.11', { short: 'OU', part: 'OU' }],
  ['2.5.4.12', { short: 'title', part: 'Title' }],
  ['2.5.4.42', { short: 'GN' }],
  ['2.5.4.46', { short: 'dnQualifier', part: 'DNQualifier' }],
  ['0.9.2342.19200300.100.1.1', { short: 'UID', part: 'UID' }],
  ['0.9.2342.19200300.100.1.25', { short: 'DC', part: 'DC' }],
  ['1.2.840.113549.1.9.1', { short: 'emailAddress', part: 'Email' }],
]);

/** Each part becomes an attribute of the certificate; real names have a dozen at most. */
const MOST_PARTS = 1_000;

/** Reads a Name of X.501: SEQUENCE OF SET OF SEQUENCE { type, value }. */
export function readName(name: DerElement): DistinguishedName {
  const parts: Partial<Record<NamePart, string[]>> = {};
  const texts: string[] = [];
  let count = 0;
  for (const relative of derChildren(name)) {
    const pairs = derChildren(expectTag(relative, DerTag.Set)).map(readPair);
    count += pairs.length;
    if (count > MOST_PARTS) throw new DerError('a name has too many parts');
    texts.push(pairs.map((pair) => pair.text).join('+'));
    for (const { part, value } of pairs) {
      if (part === undefined || value === undefined) continue;
      const values = parts[part] ?? [];
      values.push(value);
      parts[part] = values;
    }
  }
  return { der: name.whole, text: texts.reverse().join(','), parts };
}

/** The text of a GeneralName (RFC 5280, 4.2.1.6) of one of the kinds that have one. */
export function readGeneralName(name: DerElement): string | undefined {
  // [1] rfc822Name, [2] dNSName, [6] uniformResourceIdentifier, [7] iPAddress
  if ([0x81, 0x82, 0x86].includes(name.tag)) return name.body.toString('latin1');
  return name.tag === 0x87 ? addressText(name.body) : undefined;
}

/** No identifier that anybody uses is as long; the time to read one grows with the square of its length. */
const MOST_IDENTIFIER_BYTES = 128;

/** An OBJECT IDENTIFIER in dotted decimals. */
export function objectIdentifier(element: DerElement | undefined): string {
  const { body } = expectTag(element, DerTag.ObjectIdentifier);
  if (body.length > MOST_IDENTIFIER_BYTES) throw new DerError('an OBJECT IDENTIFIER is too long');
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of body) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first = 0n, ...rest] = arcs;
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - top * 40n, ...rest].join('.');
}

function readPair(pair: DerElement): { text: string; part: NamePart | undefined; value: string | undefined } {
  const [type, content] = derChildren(expectTag(pair, DerTag.Sequence));
  const identifier = objectIdentifier(type);
  const known = attributeTypes.get(identifier);
  const value = content && stringValue(content);
  const shown = known === undefined || value === undefined ? `#${content?.whole.toString('hex')}` : escaped(value);
  return { text: `${known?.short ?? identifier}=${shown}`, part: known?.part, value };
}

/** BMPString and UniversalString are the only ones that are not ASCII, Latin-1 or UTF-8. */
const decoders = new Map<number, (body: Buffer) => string>([
  [DerTag.Utf8String, (body) => body.toString('utf8')],
  [0x12, (body) => body.toString('latin1')],
  [0x13, (body) => body.toString('latin1')],
  [0x14, (body) => body.toString('latin1')],
  [0x16, (body) => body.toString('latin1')],
  [0x1a, (body) => body.toString('latin1')],
  [
    0x1e,
    (body) =>
      Buffer.from(body.subarray(0, body.length & ~1))
        .swap16()
        .toString('utf16le'),
  ],
]);

function stringValue(content: DerElement): string | undefined {
  return decoders.get(content.tag)?.(content.body);
}

/** RFC 4514, 2.4. */
function escaped(value: string): string {
  return value
    .replace(/["+,;<>\\]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

function addressText(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return [...bytes].join('.');
  if (bytes.length !== 16) return undefined;
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16)).join(':');
}
