import type { AuditWriter } from '../audit/writer.ts';
import type { Settings } from '../config/settings.ts';
import type { Rewrap } from '../jobs/rewrap.ts';
import type { Log } from '../log.ts';
import type { SealState } from '../seal/state.ts';
import type { TaggedRecords } from '../seal/tagged-records.ts';
import type { Store } from '../store/store.ts';

/** What `openRecords` works with. */
export interface RecordsBase {
  readonly settings: Settings;
  readonly store: Store;
  readonly state: SealState;
  readonly audit: AuditWriter;
  readonly log: Log;
}

/** Managed objects, as one worker remembers them. */
export async function openRecords({ settings, ...parts }: RecordsBase): Promise<TaggedRecords> {
  const { TaggedRecords } = await import('../seal/tagged-records.ts');
  const maxStaleness = settings.cacheMaxStaleness * 1000;
  return new TaggedRecords({ ...parts, maxStaleness, uniqueNames: settings.namesUnique === 'owner' });
}

/** The background re-wrap. Its records are its own, so that those that clients use stay remembered. */
export async function openRewrap(parts: RecordsBase): Promise<Rewrap> {
  const [{ Rewrap }, records] = await Promise.all([import('../jobs/rewrap.ts'), openRecords(parts)]);
  return new Rewrap({ ...parts, renew: (id) => records.renew(id) });
}
