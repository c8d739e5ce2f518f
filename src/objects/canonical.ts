import { Buffer } from 'node:buffer';
import { Budget } from '../../ttlv/budget.ts';
import { ItemType } from '../../ttlv/item.ts';
import { Reader } from '../../ttlv/reader.ts';
import { Writer } from '../../ttlv/writer.ts';
import { type AttributeKey, AttributeSet, type Instance } from '../kmip/attribute-set.ts';

/**
 * The stored form of values of the model (attributes, managed objects): TTLV under tags of Kleis' own, since the
 * messages of any one version of the protocol leave out what that version does not define. Equal values have equal
 * bytes. Names of fields are part of the form: renaming one is a migration.
 *
 *   number   Date-Time (a whole number)       list           Structure of values
 *   bigint   Long Integer                     object         Structure of Text String (name) and value, sorted by name
 *   boolean  Boolean                          AttributeSet   Structure of Text String (key), number (next index), and
 *   string   Text String                                     list of index, value, index, value ...
 *   Buffer   Byte String
 *
 * A key of an AttributeSet that has one instance, and never had another, is followed by the value alone: nearly all do.
 *
 * None of it is ever on the wire; the tags are in the range for extensions.
 */
const ValueTag = { Value: 0x540101, Name: 0x540102, List: 0x540103, Fields: 0x540104, Attributes: 0x540105 } as const;

/** Nobody else writes rows (their tags are checked before), so that only depth is limited. */
const limits = { bytes: 2 ** 31, depth: 100, items: 2 ** 31 };

const writer = new Writer();

/** The stored form of a value. Throws RangeError for what the model does not have, such as fractions. */
export function encodeValue(value: unknown): Buffer {
  writer.reset();
  writeValue(value);
  return writer.finish();
}

/** The value of a stored form; Buffers in it are views of `bytes`. Throws TtlvError for other bytes. */
export function decodeValue(bytes: Buffer): unknown {
  const reader = new Reader(bytes, new Budget(limits));
  const value = readNext(reader);
  reader.finish();
  return value;
}

function writeValue(value: unknown): void {
  if (typeof value === 'number') writer.writeDateTime(ValueTag.Value, value);
  else if (typeof value === 'string') writer.writeTextString(ValueTag.Value, value);
  else if (typeof value === 'bigint') writer.writeLongInteger(ValueTag.Value, value);
  else if (typeof value === 'boolean') writer.writeBoolean(ValueTag.Value, value);
  else if (typeof value === 'object' && value !== null) writeObject(value);
  else throw new RangeError(`the model has no values of type ${typeof value}`);
}

function writeObject(value: object): void {
  if (Buffer.isBuffer(value)) writer.writeByteString(ValueTag.Value, value);
  else if (Array.isArray(value)) writeList(value);
  else if (value instanceof AttributeSet) writeAttributes(value);
  else writeFields(value);
}

function writeList(list: readonly unknown[]): void {
  const start = writer.begin(ValueTag.List);
  for (const one of list) writeValue(one);
  writer.end(start);
}

function writeFields(fields: object): void {
  const start = writer.begin(ValueTag.Fields);
  for (const name of sorted(Object.keys(fields))) {
    const value = (fields as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    writer.writeTextString(ValueTag.Name, name);
    writeValue(value);
  }
  writer.end(start);
}

/** Sorts in place, by UTF-16 units: for the handful of fields that a structure has, `sort()` is slower. */
function sorted(names: string[]): readonly string[] {
  for (let end = 1; end < names.length; end += 1) {
    const name = names[end] ?? '';
    let at = end;
    for (; at > 0 && (names[at - 1] ?? '') > name; at -= 1) names[at] = names[at - 1] ?? '';
    names[at] = name;
  }
  return names;
}

function writeAttributes(set: AttributeSet): void {
  const start = writer.begin(ValueTag.Attributes);
  for (const [key, { next, instances }] of set.entries()) {
    writer.writeTextString(ValueTag.Name, key);
    const [first] = instances;
    if (next === 1 && first !== undefined) writeValue(first.value);
    else {
      writeValue(next);
      writeInstances(instances);
    }
  }
  writer.end(start);
}

function writeInstances(instances: readonly Instance<unknown>[]): void {
  const start = writer.begin(ValueTag.List);
  for (const { index, value } of instances) {
    writeValue(index);
    writeValue(value);
  }
  writer.end(start);
}

function readNext(reader: Reader): unknown {
  return reader.next() ? readValue(reader) : reader.fail('missing-field');
}

function readValue(reader: Reader): unknown {
  const read = readers[reader.type];
  return read === undefined ? reader.fail('wrong-type') : read(reader);
}

/** By item type. */
const readers: readonly (((reader: Reader) => unknown) | undefined)[] = Object.assign([], {
  [ItemType.DateTime]: (reader: Reader) => reader.readDateTime(),
  [ItemType.LongInteger]: (reader: Reader) => reader.readLongInteger(),
  [ItemType.Boolean]: (reader: Reader) => reader.readBoolean(),
  [ItemType.TextString]: (reader: Reader) => reader.readTextString(),
  [ItemType.ByteString]: (reader: Reader) => reader.readByteString(),
  [ItemType.Structure]: readStructure,
});

function readStructure(reader: Reader): unknown {
  const { tag } = reader;
  reader.enter();
  const value = tag === ValueTag.List ? readList(reader) : readNamed(reader, tag);
  reader.leave();
  return value;
}

function readList(reader: Reader): unknown[] {
  const list: unknown[] = [];
  while (reader.next()) list.push(readValue(reader));
  return list;
}

function readNamed(reader: Reader, tag: number): unknown {
  return tag === ValueTag.Attributes ? readAttributes(reader) : readFields(reader);
}

function readFields(reader: Reader): object {
  const fields: Record<string, unknown> = {};
  while (reader.next()) {
    const name = reader.readTextString();
    fields[name] = readNext(reader);
  }
  return fields;
}

function readAttributes(reader: Reader): AttributeSet {
  const entries: [AttributeKey, { next: number; instances: Instance<unknown>[] }][] = [];
  let more = reader.next();
  while (more) {
    const key = reader.readTextString() as AttributeKey;
    const first = readNext(reader);
    more = reader.next();
    if (more && reader.tag === ValueTag.List) {
      entries.push([key, { next: first as number, instances: readInstances(reader) }]);
      more = reader.next();
    } else entries.push([key, { next: 1, instances: [{ index: 0, value: first }] }]);
  }
  return AttributeSet.restore(entries);
}

function readInstances(reader: Reader): Instance<unknown>[] {
  const instances: Instance<unknown>[] = [];
  reader.enter();
  while (reader.next()) {
    const index = readValue(reader) as number;
    instances.push({ index, value: readNext(reader) });
  }
  reader.leave();
  return instances;
}
