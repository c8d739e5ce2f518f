import { Command } from 'commander';
import type { Flags } from '../config/load.ts';
import { NodeClient } from './node-client.ts';
import { addSettings, settingsOf } from './options.ts';
import { migrateCommand } from './root-operation.ts';
import { addTokenFile, readToken, type TokenFlags } from './secrets.ts';

/** `kleis seal` */
export function sealCommand(): Command {
  return (
    addTokenFile(addSettings(new Command('seal')))
      .description('seal a node: it forgets every key, and answers nothing but status and unseal')
      // What stands after `migrate` is meant for it.
      .enablePositionalOptions()
      .option('--all', 'seal every node of the database')
      .addCommand(migrateCommand())
      .action(async (flags: Flags & TokenFlags & { readonly all?: true }) => {
        using token = await readToken(flags);
        const node = new NodeClient(settingsOf(flags), token);
        await node.demand('POST', flags.all ? '/seal?all=true' : '/seal');
        console.log(flags.all ? 'All nodes are sealed.' : 'The node is sealed.');
      })
  );
}
