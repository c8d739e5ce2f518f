import { Command } from 'commander';
import type { Flags } from '../config/load.ts';
import type { Secret } from '../crypto/secret.ts';
import type { Refused, SealStatus, Submission } from '../seal/control.ts';
import { NodeClient, refusalOf } from './node-client.ts';
import { addSettings, settingsOf } from './options.ts';
import { addShareFiles, joinLines, type ShareFlags, shareSource } from './secrets.ts';

type Progress = Pick<SealStatus, 'state' | 'cnt' | 'required' | 'reason'> & Partial<Pick<Submission, 'refused'>>;

/** `kleis unseal` */
export function unsealCommand(): Command {
  return addShareFiles(addSettings(new Command('unseal')))
    .description('give shares to a sealed node; a seal that opens by itself is tried again')
    .action(async (flags: Flags & ShareFlags) => {
      const node = new NodeClient(settingsOf(flags));
      const { state, required } = (await node.demand('GET', '/status')) as SealStatus;
      if (state === 'unsealed') {
        console.log('The node is unsealed already.');
        return;
      }
      process.exitCode = 2;
      if (required === 0) show(await give(node, undefined));
      else
        for await (const shares of shareSource(flags)) {
          const progress = await give(node, joinLines(shares));
          show(progress);
          if (progress.state === 'unsealed') return;
        }
    });
}

async function give(node: NodeClient, lines: Secret | undefined): Promise<Progress> {
  const { status, body } = await node.ask('POST', '/unseal', lines);
  const progress = body as Progress;
  if (status >= 300 && progress.refused === undefined) throw refusalOf(status, body);
  return progress;
}

function show({ state, cnt, required, reason, refused = [] }: Progress): void {
  showRefused(refused);
  if (state === 'unsealed') {
    process.exitCode = 0;
    console.log('The node is unsealed.');
    return;
  }
  console.log(JSON.stringify({ cnt, required }));
  if (cnt === 0 && refused.length === 0) console.error(`Still sealed: ${reason}`);
}

/** Which shares were not taken, and why. */
export function showRefused(refused: Refused): void {
  for (const { position, message } of refused) console.error(`Share ${position + 1} of those given: ${message}`);
}
