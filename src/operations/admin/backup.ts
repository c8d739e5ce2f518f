import { adminOperation, ByteStream } from './operation.ts';
import { nothing } from './payloads.ts';

/** Backs up all of the database as it is at this moment. */
export const backup = adminOperation({
  name: 'Backup',
  summary: 'All of the database as it is now, encrypted: the bytes of a backup file.',
  authority: 'administrator',
  needsKeys: true,
  request: nothing,
  response: 'bytes',
  run: async (tools) => new ByteStream(tools.backup()),
});
