import packageJson from '../../package.json' with { type: 'json' };
import type { AdminTools } from '../operations/admin/operation.ts';
import type { ListenerParts } from './listeners.ts';
import { openArchive } from './store.ts';

/** What a worker's administrators work with. */
export async function openTools({ settings, state, control, records }: ListenerParts): Promise<AdminTools> {
  const { streamBackup, streamVerification } = await import('../backup/stream.ts');
  const origin = {
    open: () => openArchive(settings),
    keys: (generation: number) => state.keyring.keys(generation),
  };
  return {
    control,
    records,
    backup: () => streamBackup(origin, packageJson.version),
    verification: (broken) => streamVerification(origin, broken),
  };
}
