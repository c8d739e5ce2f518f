import * as v from 'valibot';
import { adminOperation } from './operation.ts';
import { begun, sealName, split } from './payloads.ts';

/** Begins to change to another seal. */
export const migrateSeal = adminOperation({
  name: 'Migrate seal',
  summary: 'Begin to change to another seal; `split` is for shamir.',
  authority: 'administrator',
  request: v.strictObject({ to: sealName, split: v.exactOptional(split) }),
  response: begun,
  run: ({ control }, request) => control.begin({ kind: 'migrate', ...request }),
});
