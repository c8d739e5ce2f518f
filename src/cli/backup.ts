import { Command } from 'commander';
import type { Contents } from '../backup/format.ts';
import type { Flags } from '../config/load.ts';
import { type ArchiveFlags, addArchiveOptions, archiveCommand, contentsOf } from './archive.ts';
import { NodeClient } from './node-client.ts';
import { settingsOf } from './options.ts';
import { addTokenFile, readToken, type TokenFlags } from './secrets.ts';

/** `kleis backup` */
export function backupCommand(): Command {
  return addTokenFile(
    addArchiveOptions(new Command('backup')),
    'have an unsealed node make it: the file with the administrator token, or `-` to be asked',
  )
    .argument('<file>', 'the file to be written, mode 0600; it has its name once it is complete')
    .description('write all of the database, encrypted, into a file; nodes go on serving')
    .action(async (file: string, flags: ArchiveFlags & TokenFlags) => {
      const made = flags.tokenFile === undefined ? backUp(file, flags) : receive(file, flags);
      console.log(`Backed up ${contentsOf(await made)}.`);
    });
}

async function backUp(file: string, flags: ArchiveFlags): Promise<Contents> {
  const { backup } = await import('../archives.ts');
  return backup(archiveCommand(flags), file);
}

async function receive(file: string, flags: Flags & TokenFlags): Promise<Contents> {
  const { writeBackup } = await import('../backup/write.ts');
  using token = await readToken(flags);
  const node = new NodeClient(settingsOf(flags), token);
  return (await writeBackup(file, node.receive('/backup'))) as Contents;
}
