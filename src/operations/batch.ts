import type { Version } from '../../ttlv/tables/versions.ts';
import type { Principal } from '../access/principal.ts';
import type { AuditEntry } from '../audit/entry.ts';
import { KmipError } from '../errors.ts';
import { ConflictError } from '../store/store.ts';
import { Denied } from './denied.ts';
import type { Dispatcher, Origin, Request } from './dispatch.ts';
import type { BatchState } from './item-context.ts';
import { Overlay } from './overlay.ts';

/** An item as decoded: a request, or the error that its payload or its operation deserves. */
export interface BatchItem {
  /** The name for the audit entry, also of an operation that is not supported. */
  readonly name: string;
  readonly request: Request | KmipError;
}

/** What an item answers. `undone` items were processed and taken back (KMIP 1.4, 4.? Undo). */
export type ItemOutcome =
  | { readonly status: 'success'; readonly payload: unknown }
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'undone' };

export interface Batch {
  readonly items: readonly BatchItem[];
  readonly continuation: 'continue' | 'stop' | 'undo';
  /** Batch Order Option. */
  readonly ordered: boolean;
  readonly version: Version;
  readonly principal: Principal;
  readonly origin: Origin;
}

const ATTEMPTS = 8;

/**
 * Runs a batch in order. Answers one outcome an item that was processed: after a failure, Stop and Undo answer no
 * further items (KMIP 2.1, 9.6; Undo: KMIP 1.4, 6.14). Returns once all audit entries are accepted.
 */
export function runBatch(batch: Batch, dispatcher: Dispatcher): Promise<readonly ItemOutcome[]> {
  if (batch.continuation === 'undo' && batch.items.length > 1) return runUndo(batch, dispatcher);
  return runItems(batch, dispatcher, newState(batch, dispatcher), true);
}

function newState(
  { items, principal, version, ordered }: Batch,
  dispatcher: Dispatcher,
  overlay?: Overlay,
): BatchState {
  const { settings, records, streams } = dispatcher;
  return {
    principal,
    version,
    ordered,
    settings,
    records: overlay ?? records,
    // What has been done to the data of a stream cannot be undone.
    streams: overlay === undefined ? streams : undefined,
    placeholder: undefined,
    answered: items.length > 1 ? { identifiers: [], results: new Map() } : undefined,
  };
}

/**
 * The audit entries of a message none of whose items was run: each item, or the message itself, failed for the same
 * reason. Resolves once they are accepted.
 */
export async function auditRefusal(
  names: readonly string[],
  origin: Origin,
  error: unknown,
  { audit }: Dispatcher,
): Promise<void> {
  const result = nameOf(error) === 'not-authenticated' ? 'denied' : 'failed';
  for (const operation of names) {
    audit.append({ kind: 'outcome', ...origin, operation, result, reason: nameOf(error) });
  }
  await audit.accepted();
}

/** `decided`: what an item comes to is final at once, and on record when this resolves. */
async function runItems(
  batch: Batch,
  dispatcher: Dispatcher,
  state: BatchState,
  decided: boolean,
): Promise<ItemOutcome[]> {
  const outcomes: ItemOutcome[] = [];
  for (const item of batch.items) {
    const started = performance.now();
    let outcome: ItemOutcome;
    try {
      if (item.request instanceof KmipError) throw dispatcher.refusal ?? item.request;
      outcome = { status: 'success', payload: await dispatcher.run(item.request, state, batch.origin, started) };
    } catch (error) {
      outcome = { status: 'failed', error };
    }
    if (decided) dispatcher.audit.append(entryOf(item, outcome, batch.origin, performance.now() - started));
    outcomes.push(outcome);
    if (outcome.status === 'failed' && batch.continuation !== 'continue') break;
  }
  if (decided) await dispatcher.audit.accepted();
  return outcomes;
}

/** All items on an overlay; written once at the end, or not at all. */
async function runUndo(batch: Batch, dispatcher: Dispatcher): Promise<ItemOutcome[]> {
  for (let attempt = 1; ; attempt++) {
    const started = performance.now();
    const overlay = new Overlay(dispatcher.records);
    const outcomes = await decide(batch, dispatcher, overlay);
    if (outcomes === 'conflict' && attempt < ATTEMPTS) continue;
    const decided = outcomes === 'conflict' ? undone([], conflict()) : outcomes;
    decided.forEach((outcome, index) => {
      const item = batch.items[index];
      if (item !== undefined) {
        dispatcher.audit.append(entryOf(item, outcome, batch.origin, performance.now() - started));
      }
    });
    await dispatcher.audit.accepted();
    return decided;
  }
}

async function decide(batch: Batch, dispatcher: Dispatcher, overlay: Overlay): Promise<ItemOutcome[] | 'conflict'> {
  const outcomes = await runItems(batch, dispatcher, newState(batch, dispatcher, overlay), false);
  const failed = outcomes.at(-1);
  try {
    if (failed?.status !== 'failed') {
      await overlay.write();
      return outcomes;
    }
  } catch (error) {
    await overlay.undo();
    return error instanceof ConflictError ? 'conflict' : undone(outcomes.slice(0, -1), error);
  }
  await overlay.undo();
  return undone(outcomes.slice(0, -1), failed.error);
}

function undone(before: readonly ItemOutcome[], error: unknown): ItemOutcome[] {
  return [...before.map(() => ({ status: 'undone' }) as const), { status: 'failed', error }];
}

function conflict(): KmipError {
  return new KmipError('store-unavailable', 'the objects are being changed by others, try again');
}

function entryOf(item: BatchItem, outcome: ItemOutcome, origin: Origin, milliseconds: number): AuditEntry {
  return {
    kind: 'outcome',
    who: origin.who,
    from: origin.from,
    operation: item.name,
    object: item.request instanceof KmipError ? undefined : objectOf(item.request.payload, outcome),
    result: resultOf(outcome),
    reason: outcome.status === 'failed' ? nameOf(outcome.error) : undefined,
    durationMicroseconds: Math.round(milliseconds * 1000),
    correlation: origin.correlation,
  };
}

function resultOf(outcome: ItemOutcome): AuditEntry['result'] {
  if (outcome.status !== 'failed') return outcome.status;
  return outcome.error instanceof Denied ? 'denied' : 'failed';
}

/** For the operator: why a request failed, also where the client is told something else. */
function nameOf(error: unknown): string {
  if (error instanceof Denied) return 'not-permitted';
  return error instanceof KmipError ? error.error : 'internal';
}

/** The identifier that the answer names, else the one that the request names. */
function objectOf(payload: unknown, outcome: ItemOutcome): string | undefined {
  const answered = outcome.status === 'success' ? identifierIn(outcome.payload) : undefined;
  return answered ?? identifierIn(payload);
}

/** No object has a longer one; a client could fill the disk with what it asks for. */
const LONGEST_IDENTIFIER = 128;

function identifierIn(payload: unknown): string | undefined {
  const named = payload as { uniqueIdentifier?: unknown; privateKeyUniqueIdentifier?: unknown } | undefined;
  const identifier = named?.uniqueIdentifier ?? named?.privateKeyUniqueIdentifier;
  return typeof identifier === 'string' ? identifier.slice(0, LONGEST_IDENTIFIER) : undefined;
}
