import { userInfo } from 'node:os';
import type { Settings } from './config/settings.ts';
import { type Secret, shownText } from './crypto/secret.ts';
import { audited, withAudit, withKeyring } from './installation.ts';
import { type Access, grantAccess, listAccess, revokeAccess } from './operations/admin/access.ts';
import { Run } from './operations/admin/audited.ts';
import type { AdminOperation, AdminTools } from './operations/admin/operation.ts';
import { requireWhole } from './root-key.ts';
import type { OperationResult, RootOperation, Split } from './seal/control.ts';
import { RootOperations } from './seal/root-operations.ts';
import { openRecords } from './server/records.ts';
import { openSeals } from './server/seals.ts';
import { openStore } from './server/store.ts';

// What administrators do where the seal opens by itself, beside a server that may be running: whoever can open it has all the
// authority that there is, and needs neither token nor shares.

/** Whether the seal of the installation opens by itself. Throws StartError where there is none. */
export async function opensByItself(settings: Settings): Promise<boolean> {
  const store = await openStore(settings);
  try {
    return requireWhole(await store.installation()).seal !== 'shamir';
  } finally {
    await store.close();
  }
}

/** What one does about the access to objects. */
export type AccessCommand = 'list' | 'grant' | 'revoke';

type AccessOperation = AdminOperation<unknown, Access, Pick<AdminTools, 'records'>>;

const accessOperations: Readonly<Record<AccessCommand, AccessOperation>> = {
  list: listAccess,
  grant: grantAccess,
  revoke: revokeAccess,
};

/** Runs an operation on a payload as a node takes it. Throws in words. */
export async function access(settings: Settings, command: AccessCommand, payload: object): Promise<Access> {
  return withKeyring(settings, (opened) =>
    withAudit(settings, opened, async (base) => {
      const authenticate = async (): Promise<string> => userInfo().username;
      const origin = { audit: base.audit, from: 'command line', correlation: crypto.randomUUID(), authenticate };
      return (await new Run(accessOperations[command], origin).on(payload, {
        records: await openRecords(base),
      })) as Access;
    }),
  );
}

/** Makes another administrator token; the one before is over on every node. Throws in words. */
export async function replaceAdminToken(settings: Settings): Promise<string> {
  const { adminToken } = await runBySeal(settings, 'Replace administrator token', { kind: 'admin-token' });
  return adminToken === undefined ? '' : shownText(adminToken);
}

/** Makes other recovery shares, whatever became of those before. Throws in words. */
export async function renewRecovery(settings: Settings, split: Split): Promise<readonly string[]> {
  const { shares } = await runBySeal(settings, 'Rekey shares', { kind: 'rekey', split });
  return shares.map(shownText);
}

async function runBySeal(settings: Settings, name: string, operation: RootOperation): Promise<OperationResult<Secret>> {
  return withKeyring(settings, (opened) =>
    audited(settings, opened, name, async () => {
      const operations = new RootOperations({ ...(await openSeals(settings)), patience: 0 });
      return operations.runBySeal(operation, opened.generations);
    }),
  );
}
