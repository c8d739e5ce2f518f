import { ItemType } from '../../../ttlv/item.ts';
import { type Codec, enumeration } from '../../../ttlv/structure.ts';
import { CryptographicUsageMask, maskInfo } from '../../../ttlv/tables/masks.ts';
import { type EnumTable, isDefined } from '../../../ttlv/tables/table.ts';
import type { Version } from '../../../ttlv/tables/versions.ts';

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

/** An enumeration of version `since`, read with the values of that version in older ones, whose clients send it too. */
export function early<Code extends number>(table: EnumTable<Code>, since: Version): Codec<Code> {
  const codec = enumeration(table);
  return {
    type: codec.type,
    read: (reader, version) => codec.read(reader, version < since ? since : version),
    write: (writer, tag, value, version) => codec.write(writer, tag, value, version),
  };
}

/**
 * Cryptographic Usage Mask. Bits that a version does not define are not shown to it. 2.x reserves Content Commitment,
 * but TC-CERTATTR-1-20 gives and gets it.
 */
export const usageMask: Codec<number> = {
  type: ItemType.Integer,
  read: (reader, version) => {
    const value = reader.readInteger();
    return (value & ~usageBits(version)) === 0 ? value : reader.fail('unknown-mask-bit');
  },
  write: (writer, tag, value, version) => writer.writeInteger(tag, value & usageBits(version)),
};

function usageBits(version: Version): number {
  return (maskInfo.CryptographicUsageMask.bits.get(version) ?? 0) | CryptographicUsageMask.ContentCommitment;
}

/** Any code of an enumeration: for fields in which a code that the version does not define is to be passed over. */
export const anyCode: Codec<number> = {
  type: ItemType.Enumeration,
  read: (reader) => reader.readEnumeration(),
  write: (writer, tag, value) => writer.writeEnumeration(tag, value),
};
