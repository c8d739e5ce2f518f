import { context } from './contexts.ts';
import type { RootKeyProvider } from './root-key.ts';
import { StoredTag } from './stored-tags.ts';

/** The length of a root key, and of whatever wraps it. */
export const ROOT_KEY_BYTES = 32;

/** The additional data that binds a wrapped root key to its installation, its seal, and the seal's public parameters (JSON). */
export function rootKeyContext(seal: RootKeyProvider['seal'], installationId: string, parameters: string): Buffer {
  return context((writer) => {
    writer.writeTextString(StoredTag.Installation, installationId);
    writer.writeTextString(StoredTag.Role, 'root key');
    writer.writeTextString(StoredTag.SealName, seal);
    writer.writeTextString(StoredTag.SealParameters, parameters);
  });
}

/** The members of public parameters as they come from the database, where anybody may have written them; none of what is no JSON. */
export function membersOf<Parameters>(json: string): Partial<Record<keyof Parameters, unknown>> {
  try {
    return { ...JSON.parse(json) };
  } catch {
    return {};
  }
}
