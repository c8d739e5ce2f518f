import { repeated, structure } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { protocolVersion } from '../structures/protocol-version.ts';

/** Discover Versions (KMIP 2.1, 6.1.16): what the client speaks; none means that it asks for all. */
export const discoverVersionsRequest = structure({
  protocolVersion: repeated(Tag.ProtocolVersion, protocolVersion),
});

export const discoverVersionsResponse = structure({
  protocolVersion: repeated(Tag.ProtocolVersion, protocolVersion),
});
