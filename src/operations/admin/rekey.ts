import { adminOperation } from './operation.ts';
import { begun, split } from './payloads.ts';

/** Begins to change the shares, or the recovery shares of a seal that opens by itself. */
export const rekey = adminOperation({
  name: 'Rekey shares',
  summary: 'Begin to make other shares, or recovery shares for a seal that opens by itself.',
  authority: 'administrator',
  request: split,
  response: begun,
  run: ({ control }, request) => control.begin({ kind: 'rekey', split: request }),
});
