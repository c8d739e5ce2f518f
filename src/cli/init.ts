import { Command } from 'commander';
import type { Flags } from '../config/load.ts';
import { addSettings, settingsOf } from './options.ts';

/** `kleis init` */
export function initCommand(): Command {
  return addSettings(new Command('init'))
    .description('make a data folder: passphrase file, database, and the first key of its keyring')
    .action(async (flags: Flags) => {
      const settings = settingsOf(flags);
      const { initialise } = await import('../installation.ts');
      await initialise(settings);
      console.log(`Initialised ${settings.databaseFile}, opened by the passphrase in ${settings.passphraseFile}.`);
      console.log('Keep a copy of that file apart from the database and its backups: nothing opens without it.');
    });
}
