import { hostname } from 'node:os';
import type { AuditEntry } from '../audit/entry.ts';
import type { FileAuditWriter } from '../audit/file.ts';
import type { AuditWriter } from '../audit/writer.ts';
import type { Settings } from '../config/settings.ts';
import type { Log } from '../log.ts';
import type { GenerationKeys } from '../seal/keys.ts';
import type { SealState } from '../seal/state.ts';

/**
 * Opens, at once, the audit file of a worker (numbered from 1) or of a command (0): chained with a key of the keyring, or
 * while the node is sealed, without one.
 */
export async function auditOpener(
  settings: Settings,
  state: SealState,
  log: Log,
  worker: number,
): Promise<() => FileAuditWriter> {
  const keys = state.state === 'unsealed' ? await state.keyring.primary() : undefined;
  return openAudit(settings, keys, log, worker);
}

/** The same, with the keys of the primary generation at hand. */
export async function openAudit(
  { auditDir: directory }: Settings,
  keys: Pick<GenerationKeys, 'audit' | 'generation'> | undefined,
  log: Log,
  worker: number,
): Promise<() => FileAuditWriter> {
  const [{ FileAuditWriter }, { hmacChain, plainChain }] = await Promise.all([
    import('../audit/file.ts'),
    import('../audit/chain.ts'),
  ]);
  const sign = keys === undefined ? plainChain : hmacChain(keys.audit);
  return () => new FileAuditWriter({ directory, node: hostname(), worker, sign, generation: keys?.generation, log });
}

/** An audit file that is closed and opened again between two lines when the node is unsealed. */
export class SwitchedAudit implements AuditWriter {
  #current: FileAuditWriter;

  constructor(open: () => FileAuditWriter) {
    this.#current = open();
  }

  switchTo(open: () => FileAuditWriter): void {
    this.#current.close();
    this.#current = open();
  }

  append(entry: AuditEntry): void {
    this.#current.append(entry);
  }

  accepted(): Promise<void> {
    return this.#current.accepted();
  }

  reopen(): void {
    this.#current.reopen();
  }

  close(): void {
    this.#current.close();
  }
}
