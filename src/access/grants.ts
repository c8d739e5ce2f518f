import { KmipError } from '../errors.ts';
import type { Grant } from '../objects/object.ts';

/**
 * The names of a comma-separated list such as `Get, Encrypt`, each once, sorted. `known` has the names that exist:
 * those that the table of operations declares. Throws `invalid-field`.
 */
export function parsePermissions(text: string, known: readonly string[]): readonly string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))].sort();
  for (const name of names) {
    if (!known.includes(name)) {
      throw new KmipError('invalid-field', `there is no permission "${name}", but ${known.join(', ')}`);
    }
  }
  return names;
}

/** The user id of a grant as it is: a user's name, `group:NAME` or `*`. Throws `invalid-field` for what nobody can be. */
export function parseUserid(text: string): string {
  if (text.trim() === '' || text === 'group:' || unprintable.test(text)) {
    throw new KmipError('invalid-field', 'a grant is for the name of a user, for group:NAME or for *');
  }
  return text;
}

/** The grants with `permissions` added to those that `userid` has. */
export function granting(grants: readonly Grant[], userid: string, permissions: readonly string[]): readonly Grant[] {
  return replaced(grants, userid, (present) => [...new Set([...present, ...permissions])].sort());
}

/** The grants without `permissions` for `userid`; without any for it where none is left. */
export function revoking(grants: readonly Grant[], userid: string, permissions: readonly string[]): readonly Grant[] {
  return replaced(grants, userid, (present) => present.filter((name) => !permissions.includes(name)));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no name may hold
const unprintable = /[\x00-\x1f\x7f]/;

function replaced(
  grants: readonly Grant[],
  userid: string,
  change: (present: readonly string[]) => readonly string[],
): readonly Grant[] {
  const permissions = change(grants.find((grant) => grant.userid === userid)?.permissions ?? []);
  const others = grants.filter((grant) => grant.userid !== userid);
  return permissions.length === 0 ? others : [...others, { userid, permissions }];
}
