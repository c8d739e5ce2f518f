import { adminOperation } from './operation.ts';
import { begun, nothing } from './payloads.ts';

/** Begins to make a new root key and a new generation of the keyring. */
export const rotateRoot = adminOperation({
  name: 'Rotate root',
  summary: 'Begin to make a new root key and a new generation of the keyring.',
  authority: 'administrator',
  request: nothing,
  response: begun,
  run: ({ control }) => control.begin({ kind: 'rotate-root' }),
});
