import type { Buffer } from 'node:buffer';
import { integer, required, structure, type TypeOf } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { type Version, versions } from '../../../ttlv/tables/versions.ts';

/** Protocol Version (KMIP 2.1, 9.14). */
export const protocolVersion = structure({
  major: required(Tag.ProtocolVersionMajor, integer),
  minor: required(Tag.ProtocolVersionMinor, integer),
});
export type ProtocolVersion = TypeOf<typeof protocolVersion>;

/** The Protocol Version of a version. */
export function toProtocolVersion(version: Version): ProtocolVersion {
  return { major: Math.floor(version / 10), minor: version % 10 };
}

/** The version of a Protocol Version; undefined if the server does not speak it. */
export function fromProtocolVersion({ major, minor }: ProtocolVersion): Version | undefined {
  const version = (major * 10 + minor) as Version;
  return minor >= 0 && minor < 10 && versions.includes(version) ? version : undefined;
}

/**
 * The Protocol Version of a message, which all the rest depends on, from its place: the first field of the header, with
 * items of fixed length (message, header, Protocol Version: 8 bytes each; major and minor: 16 each). Undefined if the
 * bytes are not like that.
 */
export function readProtocolVersion(message: Buffer): ProtocolVersion | undefined {
  if (message.length < 56 || message.readUInt32BE(16) >>> 8 !== Tag.ProtocolVersion) return undefined;
  if (message.readUInt32BE(24) >>> 8 !== Tag.ProtocolVersionMajor) return undefined;
  if (message.readUInt32BE(40) >>> 8 !== Tag.ProtocolVersionMinor) return undefined;
  return { major: message.readInt32BE(32), minor: message.readInt32BE(48) };
}
