import * as v from 'valibot';
import { adminOperation } from './operation.ts';

/** Seals the node, or all nodes of the database. */
export const seal = adminOperation({
  name: 'Seal',
  summary: 'Seal the node; with `all`, every node of the database.',
  authority: 'administrator',
  request: v.strictObject({ all: v.optional(v.boolean(), false) }),
  run: ({ control }, { all }) => control.seal({ all }),
});
