import { ItemType } from '../../../ttlv/item.ts';
import type { Codec } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { isDefined } from '../../../ttlv/tables/table.ts';

/**
 * How a request names an object (KMIP 2.1, 4.58): its identifier, or since 2.0 the result of an operation of the same
 * batch (an Enumeration), or the nth identifier of the batch (an Integer; negative ones count from the end).
 */
export type UniqueIdentifier = string | { readonly enumeration: number } | { readonly integer: number };

/** A Unique Identifier in a request: Text String; since 2.0 also Enumeration or Integer. */
export const uniqueIdentifier: Codec<UniqueIdentifier> = {
  type: undefined,
  read: (reader, version) => {
    if (version < 20 || reader.type === ItemType.TextString) return reader.readTextString();
    if (reader.type === ItemType.Integer) return { integer: reader.readInteger() };
    const enumeration = reader.readEnumeration();
    const value = enumInfo.UniqueIdentifier.byCode.get(enumeration);
    if (value === undefined || !isDefined(value, version)) return reader.fail('unknown-enumeration');
    return { enumeration };
  },
  write: (writer, tag, value) => {
    if (typeof value === 'string') writer.writeTextString(tag, value);
    else if ('integer' in value) writer.writeInteger(tag, value.integer);
    else writer.writeEnumeration(tag, value.enumeration);
  },
};
