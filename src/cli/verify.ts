import { Command } from 'commander';
import type { Verified } from '../archives.ts';
import { type ArchiveFlags, addArchiveOptions, archiveCommand, contentsOf, countsOf, tellFindings } from './backup.ts';

type VerifyFlags = ArchiveFlags & { readonly backup?: string };

/** `kleis verify` */
export function verifyCommand(): Command {
  return addArchiveOptions(new Command('verify'))
    .option('--backup <file>', 'verify this backup, not the database')
    .description('open every object of the database, and name what does not open; nodes go on serving')
    .action(async (flags: VerifyFlags) => {
      const { verifyBackup, verifyDatabase } = await import('../archives.ts');
      const command = archiveCommand(flags);
      const { backup } = flags;
      report(await (backup === undefined ? verifyDatabase(command) : verifyBackup(command, backup)));
    });
}

/** What is not as it must be makes the exit code 1. */
function report({ objects, generations, findings, manifest }: Verified): void {
  tellFindings(findings);
  if (findings.length > 0) process.exitCode = 1;
  const contents = manifest ? contentsOf(manifest) : countsOf(objects, generations);
  const verdict = findings.length === 0 ? 'everything opens' : `${findings.length} did not open`;
  console.log(`Verified ${contents}: ${verdict}.`);
}
