import { Command } from 'commander';
import type { Flags } from '../config/load.ts';
import type { GenerationReport } from '../installation.ts';
import { addSettings, settingsOf } from './options.ts';
import { addShareFiles, type ShareFlags, shareSource } from './secrets.ts';

/** `kleis keyring`: the generations of the key encryption key. Works beside a running server. */
export function keyringCommand(): Command {
  const command = new Command('keyring').description('the generations of the key encryption key');
  addSettings(command.command('list'))
    .description('when each was made, how many encryptions are reserved, and how many objects are left')
    .action(list);
  addShareFiles(addSettings(command.command('rotate')))
    .description('make a new one for what is written from now on; servers seal the rest anew in the background')
    .action(rotate);
  return command;
}

async function list(flags: Flags): Promise<void> {
  const { reportKeyring } = await import('../installation.ts');
  for (const report of await reportKeyring(settingsOf(flags))) console.log(lineOf(report));
}

async function rotate(flags: Flags & ShareFlags): Promise<void> {
  const { rotateKeyring } = await import('../installation.ts');
  await rotateKeyring(settingsOf(flags), () => shareSource(flags));
  await list(flags);
}

function lineOf({ generation, created, primary, reserved, objects }: GenerationReport): string {
  const made = new Date(created * 1000).toISOString().slice(0, 19);
  const role = primary ? 'primary' : 'earlier';
  return `${generation}: ${role}, made ${made}Z, ${reserved} encryptions reserved, ${objects} objects`;
}
