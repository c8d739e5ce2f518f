import type { TtlvCode } from '../../ttlv/errors.ts';

/** Bytes that are no TTLV, and what is wrong with them, where. */
export interface MalformedVector {
  readonly name: string;
  readonly hex: string;
  readonly code: TtlvCode;
  readonly offset: number;
  readonly path: readonly number[];
}

const tag = 0x420020;
const path = [tag];

/** Lengths that the type does not allow (KMIP 2.1, table 427); the bytes announced are there, so that only the length is wrong. */
const lengths: readonly MalformedVector[] = [
  ['Integer', '02', 0],
  ['Integer', '02', 2],
  ['Integer', '02', 8],
  ['Long Integer', '03', 4],
  ['Long Integer', '03', 16],
  ['Big Integer', '04', 0],
  ['Big Integer', '04', 4],
  ['Big Integer', '04', 12],
  ['Enumeration', '05', 8],
  ['Boolean', '06', 1],
  ['Boolean', '06', 4],
  ['Date-Time', '09', 4],
  ['Interval', '0A', 8],
  ['Date-Time Extended', '0B', 4],
  ['Structure', '01', 4],
].map(([name, type, length]) => ({
  name: `${name} of ${length} bytes`,
  hex: `42 00 20 | ${type} | 00 00 00 ${Number(length).toString(16).padStart(2, '0')} | ${'00 '.repeat(16)}`,
  code: 'bad-length',
  offset: 0,
  path,
}));

const padding: readonly MalformedVector[] = [
  ['Integer', '02', '00 00 00 04 | 00 00 00 08 00 00 00 01'],
  ['Enumeration', '05', '00 00 00 04 | 00 00 00 08 01 00 00 00'],
  ['Interval', '0A', '00 00 00 04 | 00 00 00 08 00 01 00 00'],
  ['Text String', '07', '00 00 00 01 | 61 00 00 00 00 00 00 20'],
  ['Byte String', '08', '00 00 00 07 | 00 00 00 00 00 00 00 FF'],
].map(([name, type, rest]) => ({
  name: `${name} with padding that is not zero`,
  hex: `42 00 20 | ${type} | ${rest}`,
  code: 'bad-padding',
  offset: 0,
  path,
}));

const texts: readonly MalformedVector[] = [
  ['an unfinished character', '02 | C3 28'],
  ['a character in more bytes than it needs', '02 | C0 80'],
  ['half of a surrogate pair', '03 | ED A0 80'],
  ['a character beyond Unicode', '04 | F4 90 80 80'],
  ['a byte of Latin-1', '01 | E9'],
  ['a wrong byte far behind', `3C | ${'61 '.repeat(59)} FF`],
].map(([name, rest = '']) => {
  const digits = rest.slice(rest.indexOf('|')).replace(/[|\s]/g, '');
  const pad = '00'.repeat((8 - ((digits.length / 2) % 8)) % 8);
  return {
    name: `Text String with ${name}`,
    hex: `42 00 20 | 07 | 00 00 00 ${rest} ${pad}`,
    code: 'bad-utf8',
    offset: 0,
    path,
  };
});

const others: readonly MalformedVector[] = [
  { name: 'nothing', hex: '', code: 'truncated', offset: 0, path: [] },
  { name: 'type 0', hex: '42 00 20 | 00 | 00 00 00 00', code: 'bad-type', offset: 0, path },
  { name: 'type 12', hex: '42 00 20 | 0C | 00 00 00 00', code: 'bad-type', offset: 0, path },
  { name: 'type 255', hex: '42 00 20 | FF | 00 00 00 00', code: 'bad-type', offset: 0, path },
  { name: 'tag 000000', hex: '00 00 00 | 07 | 00 00 00 00', code: 'bad-tag', offset: 0, path: [0] },
  { name: 'tag 420000', hex: '42 00 00 | 07 | 00 00 00 00', code: 'bad-tag', offset: 0, path: [0x420000] },
  { name: 'tag 430000', hex: '43 00 00 | 07 | 00 00 00 00', code: 'bad-tag', offset: 0, path: [0x430000] },
  { name: 'tag FFFFFF', hex: 'FF FF FF | 07 | 00 00 00 00', code: 'bad-tag', offset: 0, path: [0xffffff] },
  {
    name: 'Boolean 2',
    hex: '42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 02',
    code: 'bad-boolean',
    offset: 0,
    path,
  },
  {
    name: 'Boolean with a high bit',
    hex: '42 00 20 | 06 | 00 00 00 08 | 80 00 00 00 00 00 00 01',
    code: 'bad-boolean',
    offset: 0,
    path,
  },
  {
    name: 'Date-Time that a number cannot hold exactly',
    hex: '42 00 20 | 09 | 00 00 00 08 | 00 20 00 00 00 00 00 00',
    code: 'out-of-range',
    offset: 0,
    path,
  },
  { name: 'a length of 4 GiB', hex: '42 00 20 | 08 | FF FF FF FF | 00', code: 'truncated', offset: 0, path },
  { name: 'a length of 2 GiB', hex: '42 00 20 | 01 | 80 00 00 00 | 00', code: 'truncated', offset: 0, path },
  {
    name: 'bytes after the item',
    hex: '42 00 20 | 08 | 00 00 00 00 | 42 00 20 | 08 | 00 00 00 00',
    code: 'trailing-bytes',
    offset: 8,
    path: [],
  },
  {
    name: 'an item longer than the structure around it',
    hex: '42 00 20 | 01 | 00 00 00 10 | 42 00 04 | 08 | 00 00 00 10 | 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00',
    code: 'bad-length',
    offset: 8,
    path: [tag, 0x420004],
  },
  {
    name: 'an error in the second item of a structure',
    hex: `42 00 20 | 01 | 00 00 00 20 | 42 00 04 | 02 | 00 00 00 04 | 00 00 00 01 00 00 00 00
                                      | 42 00 05 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 03`,
    code: 'bad-boolean',
    offset: 24,
    path: [tag, 0x420005],
  },
];

export const malformedVectors: readonly MalformedVector[] = [...lengths, ...padding, ...texts, ...others];
