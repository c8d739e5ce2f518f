import { Command } from 'commander';
import type { Verified } from '../archives.ts';
import type { Extent, Part } from '../backup/stream.ts';
import type { Flags } from '../config/load.ts';
import { type ArchiveFlags, addArchiveOptions, archiveCommand, contentsOf, countsOf, tellFindings } from './archive.ts';
import { NodeClient } from './node-client.ts';
import { settingsOf } from './options.ts';
import { addTokenFile, readToken, type TokenFlags } from './secrets.ts';

type VerifyFlags = ArchiveFlags & TokenFlags & { readonly backup?: string };

/** `kleis verify` */
export function verifyCommand(): Command {
  return addTokenFile(
    addArchiveOptions(new Command('verify')),
    'have an unsealed node verify its database: the file with the administrator token, or `-` to be asked',
  )
    .option('--backup <file>', 'verify this backup, not the database')
    .description('open every object of the database, and name what does not open; nodes go on serving')
    .action(async (flags: VerifyFlags) => {
      const { backup, tokenFile } = flags;
      report(await (backup === undefined && tokenFile !== undefined ? ask(flags) : verify(flags)));
    });
}

async function verify(flags: VerifyFlags): Promise<Verified> {
  const { verifyBackup, verifyDatabase } = await import('../archives.ts');
  const command = archiveCommand(flags);
  return flags.backup === undefined ? verifyDatabase(command) : verifyBackup(command, flags.backup);
}

async function ask(flags: Flags & TokenFlags): Promise<Verified> {
  using token = await readToken(flags);
  const { progress } = archiveCommand(flags);
  const lines = new NodeClient(settingsOf(flags), token).receiveLines('/verify');
  const findings: Verified['findings'][number][] = [];
  let objects = 0;
  for (let step = await lines.next(); ; step = await lines.next()) {
    if (step.done) return { ...(step.value as Extent), findings };
    const part = step.value as Part;
    findings.push(...part.findings);
    objects += part.objects;
    progress(objects);
  }
}

/** What is not as it must be makes the exit code 1. */
function report({ objects, generations, findings, manifest }: Verified): void {
  tellFindings(findings);
  if (findings.length > 0) process.exitCode = 1;
  const contents = manifest ? contentsOf(manifest) : countsOf(objects, generations);
  const verdict = findings.length === 0 ? 'everything opens' : `${findings.length} did not open`;
  console.log(`Verified ${contents}: ${verdict}.`);
}
