import { Buffer } from 'node:buffer';
import { ItemType } from '../../../ttlv/item.ts';
import type { Codec } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { isDefined } from '../../../ttlv/tables/table.ts';

/**
 * The Data of a cryptographic request (KMIP 2.1, 7.9): bytes, or since 2.0 the output of an operation of the same batch
 * (an Enumeration), or the nth Data of the answer (an Integer; negative ones count backwards from the item).
 */
export type Data = Buffer | { readonly enumeration: number } | { readonly integer: number };

/** Data in a request: Byte String; since 2.0 also Enumeration or Integer. */
export const data: Codec<Data> = {
  type: undefined,
  read: (reader, version) => {
    if (version < 20 || reader.type === ItemType.ByteString) return reader.readByteString();
    if (reader.type === ItemType.Integer) return { integer: reader.readInteger() };
    const enumeration = reader.readEnumeration();
    const value = enumInfo.Data.byCode.get(enumeration);
    if (value === undefined || !isDefined(value, version)) return reader.fail('unknown-enumeration');
    return { enumeration };
  },
  write: (writer, tag, value) => {
    if (Buffer.isBuffer(value)) writer.writeByteString(tag, value);
    else if ('integer' in value) writer.writeInteger(tag, value.integer);
    else writer.writeEnumeration(tag, value.enumeration);
  },
};
