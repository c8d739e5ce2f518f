import { adminOperation, ByteStream } from './operation.ts';
import { nothing } from './payloads.ts';

const mediaType = 'application/octet-stream';

/** Backs up all of the database as it is at this moment. */
export const backup = adminOperation({
  name: 'Backup',
  summary: 'All of the database as it is now, encrypted: the bytes of a backup file.',
  authority: 'administrator',
  needsKeys: true,
  request: nothing,
  response: mediaType,
  run: async (tools) => new ByteStream(mediaType, tools.backup()),
});
