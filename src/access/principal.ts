/** Who asks. */
export interface Principal {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The user ids under which `read_access` may name this principal. */
export function useridsOf(principal: Principal): readonly string[] {
  return [principal.name, ...principal.groups.map((group) => `group:${group}`), '*'];
}
