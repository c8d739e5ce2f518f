import * as v from 'valibot';
import { adminOperation } from './operation.ts';
import { nonce, shares, submission, verdictOn } from './payloads.ts';

/** Makes another administrator token with the consent of enough shares, for whoever has lost the one before. */
export const replaceToken = adminOperation({
  name: 'Replace administrator token',
  summary:
    'Give shares so that there is another administrator token: to the operation of the nonce, or to begin one. The answer to the last one has the token.',
  authority: 'shares',
  request: v.strictObject({ shares: v.optional(shares, []), nonce: v.exactOptional(nonce) }),
  response: submission,
  object: (request) => request.nonce,
  run: ({ control }, request) => control.replaceAdminToken(request.shares, request.nonce),
  verdict: ({ refused }) => verdictOn(refused),
});
