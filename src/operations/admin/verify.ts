import { adminOperation, ByteStream } from './operation.ts';
import { nothing } from './payloads.ts';

const mediaType = 'application/jsonl';

/** Opens every object of the database as it is at this moment. */
export const verify = adminOperation({
  name: 'Verify',
  summary: 'Open every object: lines of JSON, each with how many were looked at and what of them does not open.',
  authority: 'administrator',
  needsKeys: true,
  request: nothing,
  response: mediaType,
  run: async ({ control, verification }) => new ByteStream(mediaType, verification(await control.brokenKeys())),
});
