import { Buffer } from 'node:buffer';
import { ItemType } from '../../../ttlv/item.ts';
import {
  byteString,
  type Codec,
  dependent,
  enumeration,
  integer,
  optional,
  required,
  structure,
} from '../../../ttlv/structure.ts';
import type { CryptographicAlgorithm, KeyCompressionType } from '../../../ttlv/tables/enums.ts';
import { enumInfo, type KeyFormatType } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { keyValueAttributes } from '../attribute-fields.ts';
import type { GivenAttribute } from '../attribute-set.ts';
import { type KeyWrappingData, keyWrappingData } from './key-wrapping.ts';
import { type TransparentKey, transparentKeys } from './transparent-keys.ts';

/** Key Material: bytes, or for the transparent Key Format Types the structure of transparent-keys.ts. */
export type KeyMaterial = Buffer | TransparentKey;

/** The plain form of Key Value (KMIP 2.1, 3.2). */
export interface PlainKeyValue {
  readonly keyMaterial: KeyMaterial;
  /** What a client put beside the material; kept, but not the attributes of the object. */
  readonly attributes?: readonly GivenAttribute[];
}

/** Key Value: plain, or wrapped: then it is the bytes that Key Wrapping Data tells how to unwrap. */
export type KeyValue = PlainKeyValue | Buffer;

/** Key Block (KMIP 2.1, 3.1). */
export interface KeyBlock {
  readonly keyFormatType: KeyFormatType;
  readonly keyCompressionType?: KeyCompressionType;
  /** Absent where the server has no key value. */
  readonly keyValue?: KeyValue;
  readonly cryptographicAlgorithm?: CryptographicAlgorithm;
  readonly cryptographicLength?: number;
  readonly keyWrappingData?: KeyWrappingData;
}

/** The codec of Key Value for Key Material of one kind. */
function keyValueOf(keyMaterial: Codec<unknown>): Codec<KeyValue> {
  const plain = structure({
    keyMaterial: required(Tag.KeyMaterial, keyMaterial),
    attributes: keyValueAttributes,
  }) as Codec<PlainKeyValue>;
  return {
    type: undefined,
    read: (reader, version) =>
      reader.type === ItemType.ByteString ? reader.readByteString() : plain.read(reader, version),
    write: (writer, tag, value, version) => {
      if (Buffer.isBuffer(value)) writer.writeByteString(tag, value);
      else plain.write(writer, tag, value, version);
    },
  };
}

const bytesValue = keyValueOf(byteString);
const transparentValues: ReadonlyMap<number, Codec<KeyValue>> = new Map(
  Object.entries(transparentKeys).map(([format, codec]) => [Number(format), keyValueOf(codec as Codec<unknown>)]),
);

/** The codec of Key Value for a Key Format Type; it is also what TTLV Encoding wraps. */
export function keyValueCodec(format: KeyFormatType): Codec<KeyValue> {
  return transparentValues.get(format) ?? bytesValue;
}

/** The codec of Key Block. */
export const keyBlock = structure({
  keyFormatType: required(Tag.KeyFormatType, enumeration(enumInfo.KeyFormatType)),
  keyCompressionType: optional(Tag.KeyCompressionType, enumeration(enumInfo.KeyCompressionType)),
  keyValue: dependent(Tag.KeyValue, ({ keyFormatType }: KeyBlock) => keyValueCodec(keyFormatType), { optional: true }),
  cryptographicAlgorithm: optional(Tag.CryptographicAlgorithm, enumeration(enumInfo.CryptographicAlgorithm)),
  cryptographicLength: optional(Tag.CryptographicLength, integer),
  keyWrappingData: optional(Tag.KeyWrappingData, keyWrappingData),
}) satisfies Codec<KeyBlock>;
