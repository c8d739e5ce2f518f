import { userInfo } from 'node:os';
import type { AuditEntry } from './audit/entry.ts';
import { lockForCommand } from './audit/lock.ts';
import type { Settings } from './config/settings.ts';
import { createLog } from './log.ts';
import type { GenerationKeys } from './seal/keys.ts';
import { openAudit } from './server/audit.ts';

/** Who runs a command, and from where, as the audit has it. */
export function commander(): { readonly who: string; readonly from: string; readonly correlation: string } {
  return { who: userInfo().username, from: 'command line', correlation: crypto.randomUUID() };
}

/**
 * Runs a command between two entries in the audit, chained with keys of the primary generation; other commands may write to it
 * meanwhile.
 */
export async function audited<T>(
  settings: Settings,
  keys: GenerationKeys,
  operation: string,
  work: () => Promise<T>,
): Promise<T> {
  const open = await openAudit(settings, keys, createLog(settings.logLevel, 'command'), 0);
  const origin = { ...commander(), operation };
  const record = async (entry: Pick<AuditEntry, 'kind' | 'result'>): Promise<void> => {
    const unlock = lockForCommand(settings.auditDir);
    try {
      const audit = open();
      audit.append({ ...origin, ...entry });
      await audit.accepted().finally(() => audit.close());
    } finally {
      unlock();
    }
  };
  await record({ kind: 'attempt', result: undefined });
  try {
    const done = await work();
    await record({ kind: 'outcome', result: 'success' });
    return done;
  } catch (error) {
    await record({ kind: 'outcome', result: 'failed' });
    throw error;
  }
}
