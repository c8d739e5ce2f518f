import { adminOperation } from './operation.ts';
import { begun, split } from './payloads.ts';

/** Begins to change the shares, or the recovery shares of a seal that opens by itself, if there are some. */
export const rekey = adminOperation({
  name: 'Rekey shares',
  summary: 'Begin to make other shares, also for recovery: with the consent of those that there are.',
  authority: 'administrator',
  request: split,
  response: begun,
  run: ({ control }, request) => control.begin({ kind: 'rekey', split: request }),
});
