import * as v from 'valibot';
import { granting, parsePermissions, parseUserid, revoking } from '../../access/grants.ts';
import { KmipError } from '../../errors.ts';
import type { Grant, ManagedObject } from '../../objects/object.ts';
import type { Records } from '../../seal/records.ts';
import { ConflictError } from '../../store/store.ts';
import { permissionNames } from '../table.ts';
import { type AdminTools, adminOperation } from './operation.ts';
import { text } from './payloads.ts';

/** How often a change is tried again because somebody else changed the object meanwhile. */
const ATTEMPTS = 10;

/** Commands that open the seal by themselves have records, and no node. */
type Tools = Pick<AdminTools, 'records'>;

/** Who may do what with an object. The owner may do everything. */
export interface Access {
  readonly object: string;
  readonly owner: string;
  readonly grants: readonly { readonly user: string; readonly permissions: readonly string[] }[];
}

const permissions = v.pipe(v.array(text), v.maxLength(permissionNames.length));
const access = v.object({
  object: v.string(),
  owner: v.string(),
  grants: v.array(v.object({ user: v.string(), permissions: v.array(v.string()) })),
});

/** Tells who may do what with an object. */
export const listAccess = adminOperation({
  name: 'List access',
  summary: 'The owner of an object, and what others may do with it.',
  authority: 'administrator',
  needsKeys: true,
  request: v.strictObject({ object: text }),
  response: access,
  object: (request) => request.object,
  run: async ({ records }: Tools, request): Promise<Access> => accessOf(await existing(records, request.object)),
});

/** Grants permissions; those that are there already stay. Throws `invalid-field` for a permission or user that is none. */
export const grantAccess = adminOperation({
  name: 'Grant access',
  summary: 'Let a user, `group:NAME` or `*` do more with an object.',
  authority: 'administrator',
  needsKeys: true,
  request: v.strictObject({ object: text, user: text, permissions: v.pipe(permissions, v.minLength(1)) }),
  response: access,
  object: (request) => request.object,
  run: ({ records }: Tools, request) => {
    const [user, names] = [parseUserid(request.user), parsePermissions(request.permissions.join(), permissionNames)];
    return change(records, request.object, (grants) => granting(grants, user, names));
  },
});

/** Takes permissions away. Throws as `grantAccess`. */
export const revokeAccess = adminOperation({
  name: 'Revoke access',
  summary: 'Take permissions on an object away from a user, `group:NAME` or `*`: all of them where none is named.',
  authority: 'administrator',
  needsKeys: true,
  request: v.strictObject({ object: text, user: text, permissions: v.optional(permissions, []) }),
  response: access,
  object: (request) => request.object,
  run: ({ records }: Tools, request) => {
    const { length } = request.permissions;
    const names = length === 0 ? permissionNames : parsePermissions(request.permissions.join(), permissionNames);
    const user = parseUserid(request.user);
    return change(records, request.object, (grants) => revoking(grants, user, names));
  },
});

async function change(
  records: Records,
  id: string,
  changed: (grants: readonly Grant[]) => readonly Grant[],
): Promise<Access> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await existing(records, id);
    try {
      await records.commit({ puts: [{ before, after: { ...before, grants: changed(before.grants) } }] });
      return accessOf(await existing(records, id));
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The object as it is at a moment after the call. */
async function existing(records: Records, id: string): Promise<ManagedObject> {
  records.received();
  const object = await records.get(id);
  if (object === undefined) throw new KmipError('not-found', `there is no object ${id}`);
  return object;
}

function accessOf({ id, owner, grants }: ManagedObject): Access {
  return { object: id, owner, grants: grants.map(({ userid, permissions }) => ({ user: userid, permissions })) };
}
