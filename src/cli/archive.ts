import type { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { ArchiveCommand } from '../archives.ts';
import type { Contents } from '../backup/format.ts';
import type { Finding } from '../backup/verification.ts';
import type { Flags } from '../config/load.ts';
import { addSettings, settingsOf } from './options.ts';
import { addShareFiles, type ShareFlags, shareSource } from './secrets.ts';

// What the commands that read or write a whole database have in common.

/** How often a long command says how far it is. */
const TOLD_MS = 5_000;

export type ArchiveFlags = Flags & ShareFlags;

/** Options of commands that open the seal by themselves. */
export function addArchiveOptions(command: Command): Command {
  return addShareFiles(addSettings(command));
}

/** A command that was given these options. Throws SettingError. */
export function archiveCommand(flags: ArchiveFlags): ArchiveCommand {
  let told = performance.now();
  return {
    settings: settingsOf(flags),
    program: packageJson.version,
    shares: () => shareSource(flags),
    recovery: flags.file !== undefined,
    progress: (objects) => {
      if (performance.now() - told < TOLD_MS) return;
      told = performance.now();
      console.error(`${objects} objects`);
    },
  };
}

/** What a backup is of, in words. */
export function contentsOf({ tables, created, program }: Contents): string {
  const time = new Date(created * 1000).toISOString();
  return `${countsOf(tables.objects, tables.keyring)} (${time}, version ${program})`;
}

/** How much there is, in words. */
export function countsOf(objects: number, generations: number): string {
  return `${plural(objects, 'object')}, ${plural(generations, 'generation')} of the keyring`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Names each row that does not open. */
export function tellFindings(findings: readonly Finding[]): void {
  for (const { table, row, problem } of findings) console.error(`${table} ${row}: ${problem}`);
}
