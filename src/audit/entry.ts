/** One line of the audit file. No secrets, ever. */
export interface AuditEntry {
  /** `attempt` before a commit, `outcome` for every answered batch item, `alarm` for what must not happen. */
  readonly kind: 'attempt' | 'outcome' | 'alarm' | 'connection';
  readonly who: string | undefined;
  readonly from: string;
  readonly operation: string;
  readonly object?: string | undefined;
  readonly result: 'success' | 'denied' | 'failed' | 'pending' | 'undone' | undefined;
  /** The error's name (`wrong-state`), where there is one. */
  readonly reason?: string | undefined;
  readonly durationMicroseconds?: number | undefined;
  /** Ties the entries of one request together, and the internal error of an answer to the log; absent where there is no request. */
  readonly correlation?: string | undefined;
}
