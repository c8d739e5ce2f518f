import { ItemType } from '../../../ttlv/item.ts';
import { type Codec, mask } from '../../../ttlv/structure.ts';
import { type EnumTable, isDefined, type MaskTable } from '../../../ttlv/tables/table.ts';

/** Where the values begin that vendors may define (KMIP 2.1, 11). */
const EXTENSIONS = 0x80000000;

/** An enumeration whose extensions (8XXXXXXX) are taken as well as the values of the standard. */
export function extensible(table: EnumTable): Codec<number> {
  return {
    type: ItemType.Enumeration,
    read: (reader, version) => {
      const code = reader.readEnumeration();
      if (code >= EXTENSIONS) return code;
      const value = table.byCode.get(code);
      return value !== undefined && isDefined(value, version) ? code : reader.fail('unknown-enumeration');
    },
    write: (writer, tag, value) => writer.writeEnumeration(tag, value),
  };
}

/** A mask whose bits that a version does not define are not shown to it. */
export function visibleBits(table: MaskTable): Codec<number> {
  const strict = mask(table);
  return {
    type: ItemType.Integer,
    read: strict.read,
    write: (writer, tag, value, version) => writer.writeInteger(tag, value & (table.bits.get(version) ?? 0)),
  };
}

/** Any code of an enumeration: for fields in which a code that the version does not define is to be passed over. */
export const anyCode: Codec<number> = {
  type: ItemType.Enumeration,
  read: (reader) => reader.readEnumeration(),
  write: (writer, tag, value) => writer.writeEnumeration(tag, value),
};
