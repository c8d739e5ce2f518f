import { adminOperation } from './operation.ts';
import { nothing, status as statusPayload } from './payloads.ts';

/** How the node is: uninitialised, sealed or unsealed, and how many shares it has of those that it needs. */
export const status = adminOperation({
  name: 'Status',
  summary: 'The state of the node, and how many shares it has of those that it needs.',
  authority: 'anyone',
  request: nothing,
  response: statusPayload,
  run: ({ control }) => control.status(),
});
