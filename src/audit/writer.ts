import type { AuditEntry } from './entry.ts';

/** Where audit entries go. An entry is accepted once the kernel has it. */
export interface AuditWriter {
  /** Takes an entry; it is written with all others of this turn of the loop. */
  append(entry: AuditEntry): void;
  /** Resolves once all entries appended so far are accepted; rejects with KmipError('internal') when they cannot be written. */
  accepted(): Promise<void>;
  close(): void;
}
