import { tagInfo } from './tables/tags.ts';

/** The bytes are no TTLV; nothing of the message can be trusted. */
const malformations = {
  truncated: 'the message ends within an item',
  'bad-tag':
    'the tag is outside the ranges 420001 to 42FFFF and 540000 to 54FFFF, or the message begins with another one',
  'bad-type': 'there is no such item type',
  'bad-length': 'the length is not allowed for the type, or exceeds the structure around it',
  'bad-padding': 'the padding is not zero',
  'bad-boolean': 'a Boolean is neither 0 nor 1',
  'bad-utf8': 'a Text String is not UTF-8',
  'out-of-range': 'the value is outside the range that is supported',
  'too-deep': 'structures are nested too deeply',
  'too-many-items': 'there are too many items',
  'too-large': 'the message is too large',
  'trailing-bytes': 'bytes follow the message',
  'bad-syntax': 'the text is no XML or JSON of the form that a message has',
} as const;

/** The bytes are TTLV, but a structure is not as the standard declares it. */
const deviations = {
  'unexpected-tag': 'the item is out of place or given twice',
  'unknown-tag': 'the structure has no such item in this version',
  'missing-field': 'a required item is missing',
  'wrong-type': 'the item has the wrong type',
  'unknown-enumeration': 'the enumeration has no such value in this version',
  'unknown-mask-bit': 'the mask has no such bit in this version',
  'invalid-value': 'the value is not allowed here',
} as const;

const meanings: Readonly<Record<TtlvCode, string>> = { ...malformations, ...deviations };

/** What is wrong: either the encoding itself (`TtlvError.malformed`) or one structure. */
export type TtlvCode = keyof typeof malformations | keyof typeof deviations;

/** The normalised name of a tag, or its number in hex where the standard has no name for it. */
export function tagName(tag: number): string {
  return tagInfo.get(tag)?.name ?? `0x${tag.toString(16).padStart(6, '0').toUpperCase()}`;
}

/** A message, or a part of it, that cannot be decoded. The text names tags and never holds a value. */
export class TtlvError extends Error {
  override readonly name = 'TtlvError';
  readonly code: TtlvCode;
  /** Where the item begins in the buffer that was decoded; 0 for the other encodings. */
  readonly offset: number;
  /** The tags from the outermost structure to the item. */
  readonly path: readonly number[];

  constructor(code: TtlvCode, offset: number, path: readonly number[]) {
    const where = path.length === 0 ? 'the message' : path.map(tagName).join(' > ');
    super(`${where}: ${meanings[code]}`);
    this.code = code;
    this.offset = offset;
    this.path = path;
  }

  /** True if the bytes are no TTLV, so that the whole message is lost; false if only this structure is wrong. */
  get malformed(): boolean {
    return this.code in malformations;
  }
}
