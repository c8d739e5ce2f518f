import { Buffer } from 'node:buffer';
import fc from 'fast-check';

/** One change of a message: where, as a fraction of its length, and with which value. */
interface Mutation {
  readonly kind: Kind;
  readonly place: number;
  readonly value: number;
}

const units = (bytes: Buffer, place: number): number => Math.floor((place * bytes.length) / 8) * 8;

/** Ways to change a message; those in units of eight bytes keep what follows decodable and so reach further. */
const kinds = {
  setByte: (bytes: Buffer, place: number, value: number): Buffer => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[Math.floor(place * changed.length)] = value & 0xff;
    return changed;
  },
  flipBit: (bytes: Buffer, place: number, value: number): Buffer => {
    const at = Math.floor(place * bytes.length);
    return kinds.setByte(bytes, place, (bytes[at] ?? 0) ^ (1 << (value & 7)));
  },
  setLength: (bytes: Buffer, place: number, value: number): Buffer => {
    const changed = Buffer.from(bytes);
    const at = units(bytes, place) + 4;
    if (at + 4 <= changed.length) changed.writeUInt32BE(value >>> 0, at);
    return changed;
  },
  setType: (bytes: Buffer, place: number, value: number): Buffer => {
    const changed = Buffer.from(bytes);
    const at = units(bytes, place) + 3;
    if (at < changed.length) changed[at] = value % 13;
    return changed;
  },
  cut: (bytes: Buffer, place: number): Buffer => bytes.subarray(0, Math.floor(place * bytes.length)),
  remove: (bytes: Buffer, place: number, value: number): Buffer => {
    const at = units(bytes, place);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + ((value & 3) + 1) * 8)]);
  },
  repeat: (bytes: Buffer, place: number, value: number): Buffer => {
    const at = units(bytes, place);
    const end = at + ((value & 3) + 1) * 8;
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
  },
  append: (bytes: Buffer, _place: number, value: number): Buffer =>
    Buffer.concat([bytes, Buffer.alloc((value & 15) + 1, value >>> 8)]),
};

type Kind = keyof typeof kinds;

/** Numbers that are likely to be edges: of lengths, of bytes, of 32 bits. */
const edges = fc.constantFrom(0, 1, 4, 7, 8, 9, 16, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff);

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...(Object.keys(kinds) as Kind[])),
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  value: fc.oneof(edges, fc.nat({ max: 0xffffffff })),
});

/** A few changes, one after the other, of the bytes that `message` gives. */
export function mutated(message: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(message, fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) =>
      changes.reduce((changed, { kind, place, value }) => kinds[kind](changed, place, value), bytes),
    );
}
