import { Command } from 'commander';
import { type ArchiveFlags, addArchiveOptions, archiveCommand, contentsOf, tellFindings } from './archive.ts';

/** `kleis restore` */
export function restoreCommand(): Command {
  return addArchiveOptions(new Command('restore'))
    .argument('<file>', 'what `kleis backup` has written')
    .description(
      'write a backup into an empty database of any kind, which is made if there is none; name what does not open',
    )
    .action(async (file: string, flags: ArchiveFlags) => {
      const { restore } = await import('../archives.ts');
      const { manifest, findings } = await restore(archiveCommand(flags), file);
      tellFindings(findings);
      if (manifest !== undefined) console.log(`Restored ${contentsOf(manifest)}.`);
      if (findings.length === 0) return;
      console.error('Rows that do not open did not when the backup was made; they are as they were.');
      process.exitCode = 1;
    });
}
