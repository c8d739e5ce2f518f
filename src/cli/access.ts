import { userInfo } from 'node:os';
import { Command } from 'commander';
import { granting, parsePermissions, parseUserid, revoking } from '../access/grants.ts';
import type { AuditWriter } from '../audit/writer.ts';
import type { Flags } from '../config/load.ts';
import { KmipError } from '../errors.ts';
import type { Grant, ManagedObject } from '../objects/object.ts';
import type { Records } from '../seal/records.ts';
import { ConflictError } from '../store/store.ts';
import { addSettings, settingsOf } from './options.ts';

/** How often a change is tried again because the server changed the object meanwhile. */
const ATTEMPTS = 10;

type Change = (grants: readonly Grant[]) => readonly Grant[];

/** `kleis access`: who besides the owner may do what with an object. Works beside a running server. */
export function accessCommand(): Command {
  const command = new Command('access').description('who besides its owner may do what with an object');
  const subcommand = (usage: string, description: string): Command =>
    addSettings(command.command(usage).description(description));

  subcommand('list <object>', 'the owner, and what others may do').action((object: string, flags: Flags) =>
    onRecords(flags, (records) => list(records, object)),
  );
  subcommand('grant <object> <user> <permissions...>', 'let a user, group:NAME or * do more with an object').action(
    async (object: string, user: string, names: string[], flags: Flags) => {
      const permissions = parsePermissions(names.join(','), await knownPermissions());
      await edit(flags, 'AccessGrant', object, (grants) => granting(grants, parseUserid(user), permissions));
    },
  );
  subcommand(
    'revoke <object> <user> [permissions...]',
    'take permissions away, all of them where none is named',
  ).action(async (object: string, user: string, names: string[], flags: Flags) => {
    const known = await knownPermissions();
    const permissions = names.length === 0 ? known : parsePermissions(names.join(','), known);
    await edit(flags, 'AccessRevoke', object, (grants) => revoking(grants, parseUserid(user), permissions));
  });
  return command;
}

/** The names that a grant may list. The table of operations is loaded by this command alone. */
async function knownPermissions(): Promise<readonly string[]> {
  const { permissionNames } = await import('../operations/table.ts');
  return permissionNames;
}

type Use = (records: Records, audit: AuditWriter) => Promise<void>;

async function onRecords(flags: Flags, use: Use): Promise<void> {
  const { withRecords } = await import('../installation.ts');
  await withRecords(settingsOf(flags), use);
}

async function list(records: Records, id: string): Promise<void> {
  const { owner, grants } = await existing(records, id);
  console.log(`${owner}: owner`);
  for (const { userid, permissions } of grants) console.log(`${userid}: ${permissions.join(', ')}`);
}

function edit(flags: Flags, operation: string, id: string, change: Change): Promise<void> {
  return onRecords(flags, async (records, audit) => {
    const entry = {
      who: userInfo().username,
      from: 'command line',
      operation,
      object: id,
      correlation: crypto.randomUUID(),
    };
    audit.append({ kind: 'attempt', ...entry, result: undefined });
    await audit.accepted();
    await replaceGrants(records, id, change);
    audit.append({ kind: 'outcome', ...entry, result: 'success' });
    await audit.accepted();
    await list(records, id);
  });
}

async function replaceGrants(records: Records, id: string, change: Change): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await existing(records, id);
    try {
      await records.commit({ puts: [{ before, after: { ...before, grants: change(before.grants) } }] });
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function existing(records: Records, id: string): Promise<ManagedObject> {
  const object = await records.get(id);
  if (object === undefined) throw new KmipError('not-found', `there is no object ${id}`);
  return object;
}
