import { keyring } from './0001-keyring.ts';
import { objects } from './0002-objects.ts';
import { seals } from './0003-seals.ts';
import { generations } from './0004-generations.ts';
import { auditKeys } from './0005-audit-keys.ts';
import { claimedNames } from './0006-claimed-names.ts';
import type { Migration } from './migration.ts';

export type { Migration };

/** Every migration, in the order in which they run. */
export const migrations: readonly Migration[] = [keyring, objects, seals, generations, auditKeys, claimedNames];
