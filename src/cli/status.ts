import { Command } from 'commander';
import type { Flags } from '../config/load.ts';
import { NodeClient } from './node-client.ts';
import { addSettings, settingsOf } from './options.ts';

/** `kleis status` */
export function statusCommand(): Command {
  return addSettings(new Command('status'))
    .description('tell, as JSON, whether a node is sealed, and what it waits for')
    .action(async (flags: Flags) => {
      console.log(JSON.stringify(await new NodeClient(settingsOf(flags)).demand('GET', '/status')));
    });
}
