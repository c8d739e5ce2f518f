import packageJson from '../../package.json' with { type: 'json' };
import type { AdminTools } from '../operations/admin/operation.ts';
import type { ListenerParts } from './listeners.ts';
import { openArchive } from './store.ts';

/** What a worker's administrators work with. */
export async function openTools({ settings, state, control, records }: ListenerParts): Promise<AdminTools> {
  const { streamBackup } = await import('../backup/stream.ts');
  const backup: AdminTools['backup'] = () =>
    streamBackup({
      open: () => openArchive(settings),
      keys: (generation) => state.keyring.keys(generation),
      program: packageJson.version,
    });
  return { control, records, backup };
}
