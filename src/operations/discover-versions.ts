import { Operation } from '../../ttlv/tables/enums.ts';
import { type Version, versions } from '../../ttlv/tables/versions.ts';
import { discoverVersionsRequest, discoverVersionsResponse } from '../kmip/payloads/discover-versions.ts';
import { toProtocolVersion } from '../kmip/structures/protocol-version.ts';
import { untargeted } from './operation.ts';

const newestFirst: readonly Version[] = [...versions].sort((a, b) => b - a);

/** Discover Versions (KMIP 2.1, 6.1.16): what both sides speak, the newest first; all where the client names none. */
export const discoverVersions = untargeted({
  name: 'DiscoverVersions',
  code: Operation.DiscoverVersions,
  // The standard has it since 1.1, but PyKMIP asks in 1.0 too.
  since: 10,
  request: discoverVersionsRequest,
  response: discoverVersionsResponse,
  permission: undefined,
  whileSealed: true,

  target: 'none',
  async run(_context, { protocolVersion: wanted }) {
    const all = newestFirst.map(toProtocolVersion);
    const isWanted = (one: { major: number; minor: number }) =>
      wanted.some(({ major, minor }) => major === one.major && minor === one.minor);
    return { payload: { protocolVersion: wanted.length === 0 ? all : all.filter(isWanted) } };
  },
});
