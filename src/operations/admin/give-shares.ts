import * as v from 'valibot';
import { adminOperation } from './operation.ts';
import { nonce, shares, submission, verdictOn } from './payloads.ts';

/**
 * Gives shares to the operation on the root key that has this nonce: their owners agree to this one and no other. Without
 * any, the result of one that is complete is given again.
 */
export const giveShares = adminOperation({
  name: 'Give shares',
  summary:
    'Give shares to the operation on the root key that has this nonce. The answer to the last one has the new shares.',
  authority: 'administrator',
  request: v.strictObject({ nonce, shares: v.optional(shares, []) }),
  response: submission,
  object: (request) => request.nonce,
  run: ({ control }, request) => control.submit(request.shares, request.nonce),
  verdict: ({ refused }) => verdictOn(refused),
});
