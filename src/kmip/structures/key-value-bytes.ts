import { Buffer } from 'node:buffer';
import { Budget } from '../../../ttlv/budget.ts';
import { HEADER_BYTES, Reader } from '../../../ttlv/reader.ts';
import type { KeyFormatType } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import type { Version } from '../../../ttlv/tables/versions.ts';
import { Writer } from '../../../ttlv/writer.ts';
import { type KeyMaterial, keyValueCodec, type PlainKeyValue } from './key-block.ts';

/** The TTLV encoding of a Key Value: what is wrapped where no other Encoding Option is given (KMIP 2.1, 3.3). */
export function encodeKeyValue(format: KeyFormatType, value: PlainKeyValue, version: Version): Buffer {
  const writer = new Writer();
  keyValueCodec(format).write(writer, Tag.KeyValue, value, version);
  return writer.finish();
}

/** Reads what `encodeKeyValue` wrote; throws `TtlvError` for anything else. */
export function decodeKeyValue(format: KeyFormatType, bytes: Buffer, version: Version): PlainKeyValue {
  const reader = new Reader(bytes, new Budget());
  if (!reader.next() || reader.tag !== Tag.KeyValue) reader.fail('unexpected-tag');
  const value = keyValueCodec(format).read(reader, version);
  reader.finish();
  return Buffer.isBuffer(value) ? reader.fail('wrong-type') : value;
}

/** The bytes of Key Material that its digest covers: the byte string, or the TTLV encoding of the structure (4.21). */
export function keyMaterialBytes(format: KeyFormatType, material: KeyMaterial, version: Version): Buffer {
  if (Buffer.isBuffer(material)) return material;
  // The Key Material is the only item in the structure.
  return encodeKeyValue(format, { keyMaterial: material }, version).subarray(HEADER_BYTES);
}
