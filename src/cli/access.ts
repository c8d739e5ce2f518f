import { Command } from 'commander';
import type { AccessCommand } from '../administration.ts';
import type { Flags } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { NodeClient } from './node-client.ts';
import { addSettings, settingsOf } from './options.ts';
import { addTokenFile, readToken, type TokenFlags } from './secrets.ts';

type AccessFlags = Flags & TokenFlags;

/** The owner of an object, and what others may do with it. */
interface Access {
  readonly owner: string;
  readonly grants: readonly { readonly user: string; readonly permissions: readonly string[] }[];
}

/** What a node is asked; a list is about nobody in particular. */
interface Question {
  readonly object: string;
  readonly user?: string;
  readonly permissions?: readonly string[];
}

const tokenMeaning =
  'have an unsealed node do it: the file with the administrator token, or `-` to be asked; where shares are the seal, it is so without';

/** `kleis access`: who besides the owner may do what with an object. Works beside a running server. */
export function accessCommand(): Command {
  const command = new Command('access').description('who besides its owner may do what with an object');
  const subcommand = (usage: string, description: string): Command =>
    addTokenFile(addSettings(command.command(usage).description(description)), tokenMeaning);

  subcommand('list <object>', 'the owner, and what others may do').action((object: string, flags: AccessFlags) =>
    run(flags, 'list', { object }),
  );
  subcommand('grant <object> <user> <permissions...>', 'let a user, group:NAME or * do more with an object').action(
    (object: string, user: string, permissions: string[], flags: AccessFlags) =>
      run(flags, 'grant', { object, user, permissions }),
  );
  subcommand(
    'revoke <object> <user> [permissions...]',
    'take permissions away, all of them where none is named',
  ).action((object: string, user: string, permissions: string[], flags: AccessFlags) =>
    run(flags, 'revoke', { object, user, permissions }),
  );
  return command;
}

async function run(flags: AccessFlags, command: AccessCommand, question: Question): Promise<void> {
  const settings = settingsOf(flags);
  const { access, opensByItself } = await import('../administration.ts');
  const isHere = flags.tokenFile === undefined && (await opensByItself(settings));
  const { owner, grants } = isHere
    ? await access(settings, command, question)
    : await ask(settings, flags, [command, question]);
  console.log(`${owner}: owner`);
  for (const { user, permissions } of grants) console.log(`${user}: ${permissions.join(', ')}`);
}

async function ask(
  settings: Settings,
  flags: TokenFlags,
  [command, question]: readonly [AccessCommand, Question],
): Promise<Access> {
  using token = await readToken(flags);
  const node = new NodeClient(settings, token);
  const answer =
    command === 'list'
      ? await node.demand('GET', `/access?object=${encodeURIComponent(question.object)}`)
      : await node.demand('POST', `/access/${command}`, question);
  return answer as Access;
}
