import { KeyObject } from 'node:crypto';
import { pino } from 'pino';
import type { Settings } from './config/settings.ts';

/**
 * The log of a process: JSON lines on standard error. `log.error({ err, correlation }, 'text')`.
 * Fields are named one by one and are never requests, materials or settings as a whole; bytes are not printed at all.
 */
export type Log = Pick<pino.Logger, 'error' | 'warn' | 'info' | 'debug'>;

/** Makes the log of this process. `role` says which one it is: `primary`, `worker`, a command. */
export function createLog(level: Settings['logLevel'], role: string): Log {
  // Written at once: the last line before a crash is the one that is needed.
  const destination = pino.destination({ fd: 2, sync: true });
  return pino({ level, base: { role, pid: process.pid }, formatters: { log: withoutBytes } }, destination);
}

/** Bytes and keys have no business in a log, whatever they are called. */
function withoutBytes(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, isBytes(value) ? '(bytes)' : value]));
}

function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof KeyObject;
}
