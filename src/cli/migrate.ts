import { Command } from 'commander';
import type { Flags } from '../config/load.ts';
import { addSettings, settingsOf } from './options.ts';

/** `kleis migrate` */
export function migrateCommand(): Command {
  return addSettings(new Command('migrate'))
    .description('bring the schema of the database up to date, which `kleis serve` does as well when it starts')
    .action(async (flags: Flags) => {
      const { migrateDatabase } = await import('../installation.ts');
      const done = await migrateDatabase(settingsOf(flags));
      console.log(done.length === 0 ? 'The schema is up to date.' : `Migrated: ${done.join(', ')}.`);
    });
}
