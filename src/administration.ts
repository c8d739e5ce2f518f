import { lockForCommand } from './audit/lock.ts';
import { audited, commander } from './command-audit.ts';
import type { Settings } from './config/settings.ts';
import { type Secret, shownText } from './crypto/secret.ts';
import { primaryOf, withKeyring } from './installation.ts';
import { createLog } from './log.ts';
import { type Access, grantAccess, listAccess, revokeAccess } from './operations/admin/access.ts';
import { Run } from './operations/admin/audited.ts';
import type { AdminOperation, AdminTools } from './operations/admin/operation.ts';
import type { OperationResult, RootOperation, Split } from './seal/control.ts';
import { requireWhole } from './seal/installation-row.ts';
import { Keyring } from './seal/keyring.ts';
import { runBySeal } from './seal/run-operation.ts';
import { SealState } from './seal/state.ts';
import { auditOpener } from './server/audit.ts';
import { openRecords } from './server/records.ts';
import { openSeals } from './server/seals.ts';
import { openStore } from './server/store.ts';

// What administrators do where the seal opens by itself, beside a server that may be running: whoever can open it has all the
// authority that there is, and needs neither token nor shares.

/** Whether the seal of the installation opens by itself. Throws SealError where there is none. */
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
  return withKeyring(settings, async ({ store, installation, generations }) => {
    const log = createLog(settings.logLevel, 'command');
    const state = new SealState();
    state.unseal(new Keyring(installation.id, generations, store));
    const unlock = lockForCommand(settings.auditDir);
    try {
      const audit = (await auditOpener(settings, state, log, 0))();
      try {
        const { who, ...whence } = commander();
        const run = new Run(accessOperations[command], { ...whence, audit, authenticate: async () => who });
        const records = await openRecords({ settings, store, state, audit, log });
        return (await run.on(payload, { records })) as Access;
      } finally {
        audit.close();
      }
    } finally {
      unlock();
    }
  });
}

/** Makes another administrator token; the one before is over on every node. Throws in words. */
export async function replaceAdminToken(settings: Settings): Promise<string> {
  const { adminToken } = await runAudited(settings, 'Replace administrator token', { kind: 'admin-token' });
  return adminToken === undefined ? '' : shownText(adminToken);
}

/** Makes other recovery shares, whatever became of those before. Throws in words. */
export async function renewRecovery(settings: Settings, split: Split): Promise<readonly string[]> {
  const { shares } = await runAudited(settings, 'Rekey shares', { kind: 'rekey', split });
  return shares.map(shownText);
}

async function runAudited(
  settings: Settings,
  name: string,
  operation: RootOperation,
): Promise<OperationResult<Secret>> {
  return withKeyring(settings, async (opened) =>
    audited(settings, await primaryOf(opened), name, async () =>
      runBySeal(operation, { seals: await openSeals(settings), generations: opened.generations }),
    ),
  );
}
