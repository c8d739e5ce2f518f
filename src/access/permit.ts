import type { Grant, ManagedObject } from '../objects/object.ts';
import type { Principal } from './principal.ts';

/**
 * Whether the principal may do with the object what `permission` names: the owner may do everything, others what a
 * grant for them, for a group of theirs or for everyone lists. `undefined` is what nobody but the owner may do.
 */
export function permit(principal: Principal, object: ManagedObject, permission: string | undefined): boolean {
  if (principal.name === object.owner) return true;
  if (permission === undefined) return false;
  return object.grants.some((grant) => concerns(grant, principal) && grant.permissions.includes(permission));
}

/** Whether the object exists for the principal: it is theirs, or something was granted to them. */
export function sees(principal: Principal, object: ManagedObject): boolean {
  return (
    principal.name === object.owner ||
    object.grants.some((grant) => grant.permissions.length > 0 && concerns(grant, principal))
  );
}

const GROUP = 'group:';

function concerns({ userid }: Grant, principal: Principal): boolean {
  if (userid === '*' || userid === principal.name) return true;
  return userid.startsWith(GROUP) && principal.groups.includes(userid.slice(GROUP.length));
}
