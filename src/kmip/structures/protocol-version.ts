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
  return versions.find((version) => Math.floor(version / 10) === major && version % 10 === minor);
}
