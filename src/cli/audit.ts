import { Command } from 'commander';
import type { Flags } from '../config/load.ts';
import { addSettings, settingsOf } from './options.ts';
import { addShareFiles, type ShareFlags, shareSource } from './secrets.ts';

/** `kleis audit` */
export function auditCommand(): Command {
  const command = new Command('audit').description('look after audit files');
  addShareFiles(addSettings(command.command('verify <files...>')))
    .description('check that no entry is missing, changed or added in audit files of one writer, given oldest first')
    .action(verify);
  return command;
}

/** What is wrong, a line each; exit code 1 where anything is. */
async function verify(files: readonly string[], flags: Flags & ShareFlags): Promise<void> {
  const { verifyAudit } = await import('../installation.ts');
  const { findings, entries, unkeyed } = await verifyAudit(settingsOf(flags), files, () => shareSource(flags));
  for (const { file, line, text } of findings) console.log(`${file}:${line}: ${text}`);
  if (unkeyed > 0) console.log(`The last ${unkeyed} entries were written while the node was sealed, without a key.`);
  console.log(
    `${entries} entries, ${findings.length === 0 ? 'complete and unchanged' : `${findings.length} findings`}.`,
  );
  if (findings.length > 0) process.exitCode = 1;
}
