import * as v from 'valibot';
import type { Refused, Submission } from '../../seal/control.ts';
import { adminOperation } from './operation.ts';
import { refused, shares, status, verdictOn } from './payloads.ts';

/** How far unsealing is. Positions in `refused` count from 0; it is absent where every share was taken. */
export interface Progress extends Pick<Submission['status'], 'cnt' | 'required' | 'state' | 'reason'> {
  readonly refused?: Refused;
}

/** Takes shares until there are enough of them. Without any, a seal that opens by itself is tried again. */
export const unseal = adminOperation({
  name: 'Unseal',
  summary: 'Give shares: text, one a line, or JSON. Without any, a seal that opens by itself is tried again.',
  authority: 'shares',
  request: v.strictObject({ shares: v.optional(shares, []) }),
  response: v.object({
    ...v.pick(status, ['cnt', 'required', 'state', 'reason']).entries,
    refused: v.exactOptional(refused),
  }),
  async run({ control }, request): Promise<Progress> {
    const submission = await control.submit(request.shares);
    const { cnt, required, state, reason } = submission.status;
    return { cnt, required, state, reason, ...(submission.refused.length > 0 && { refused: submission.refused }) };
  },
  verdict: ({ refused: refusals = [] }) => verdictOn(refusals),
});
