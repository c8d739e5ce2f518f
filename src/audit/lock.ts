import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { KmipError } from '../errors.ts';

/** Longer than a command takes. */
const PATIENCE_MS = 30_000;

/**
 * Lets one command at a time write to the commands' audit file, which has one chain; waits for others. Answers how to
 * let the next one. The lock is SQLite's, on an empty file: the system gives it up when its process dies.
 * Throws KmipError('limit-exceeded') when another command does not end.
 */
export function lockForCommand(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = new Database(join(directory, 'commands.lock'), { timeout: PATIENCE_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new KmipError('limit-exceeded', 'another command is at work, and does not end', { cause });
  }
  return () => lock.close();
}
