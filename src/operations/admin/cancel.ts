import * as v from 'valibot';
import { adminOperation } from './operation.ts';
import { nonce } from './payloads.ts';

/** Gives up the operation on the root key that has this nonce. */
export const cancel = adminOperation({
  name: 'Cancel operation',
  summary: 'Give up the operation on the root key that has this nonce.',
  authority: 'administrator',
  request: v.strictObject({ nonce }),
  object: (request) => request.nonce,
  run: ({ control }, request) => control.cancel(request.nonce),
});
