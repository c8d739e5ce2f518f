import type { AuditWriter } from '../audit/writer.ts';
import { type Awaitable, whenReady } from '../awaitable.ts';
import { KmipError } from '../errors.ts';
import type { ChangeSet } from '../objects/changes.ts';
import { effectiveState, wrongState } from '../objects/lifecycle.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Records } from '../seal/records.ts';
import { ConflictError } from '../store/store.ts';
import type { OperationSettings } from './context.ts';
import { type Answered, type BatchState, ItemContext } from './item-context.ts';
import type { AnyOperation, Done, Targeted, TargetedOperation } from './operation.ts';
import { Streams } from './streams.ts';

/** One request for one operation, however it came. */
export interface Request {
  readonly operation: AnyOperation;
  readonly payload: unknown;
}

/** Who asked, from where, and what ties the audit entries of one message together. */
export interface Origin {
  /** Undefined: nobody could be told. */
  readonly who: string | undefined;
  readonly from: string;
  readonly correlation: string;
}

export interface DispatcherParts {
  readonly records: Records;
  readonly settings: OperationSettings;
  readonly audit: AuditWriter;
  /** What operations are answered that are not done now: `sealed`, `not-ready`; undefined: they are. */
  readonly refusal: () => KmipError | undefined;
  /** Seconds since the epoch. */
  readonly clock: () => number;
}

/** How often an item is run again because somebody else changed the object meanwhile. */
const ATTEMPTS = 8;

/**
 * Runs single batch items: target, permission, state, run, attempt entry, commit. No operation and no listener can go
 * around it. The outcome's audit entry belongs to batch.ts, since a batch with Undo decides late.
 */
export class Dispatcher {
  /** The operations in several parts that this process has under way. */
  readonly streams = new Streams();
  readonly #parts: DispatcherParts;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  get audit(): AuditWriter {
    return this.#parts.audit;
  }

  get records(): Records {
    return this.#parts.records;
  }

  /** What an item is answered that nothing can be made of, where the node is sealed or not ready; undefined: that. */
  get refusal(): KmipError | undefined {
    return this.#parts.refusal();
  }

  get settings(): OperationSettings {
    return this.#parts.settings;
  }

  /**
   * The response payload. Throws KmipError; anything else thrown is a bug or a broken machine. An item is run again where
   * somebody else changed the object meanwhile. Whatever it comes to is told only if the node was not sealed, by a command to
   * all nodes, before it began: `began` is `performance.now()` then.
   */
  async run(request: Request, batch: BatchState, origin: Origin, began: number): Promise<unknown> {
    const { operation } = request;
    this.#requireReady(operation);
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          const once = this.#once(request, batch);
          const done = once instanceof Promise ? await once : once;
          if (done.changes !== undefined) await this.#write(operation, done.changes, batch, origin);
          return concluded(done, operation, batch);
        } catch (error) {
          if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw failed(error, operation, batch);
        }
      }
    } finally {
      const asking = operation.whileSealed === true ? undefined : this.#parts.records.heedSeal(began);
      if (asking !== undefined) await asking;
    }
  }

  #requireReady({ whileSealed }: AnyOperation): void {
    const refusal = whileSealed === true ? undefined : this.refusal;
    if (refusal !== undefined) throw refusal;
  }

  #once({ operation, payload }: Request, batch: BatchState): Awaitable<Done<unknown>> {
    const context = new ItemContext(batch, this.#parts.clock());
    if (operation.target !== 'one') return operation.run(context, payload);
    const { uniqueIdentifier } = payload as Targeted;
    const found = batch.records.get(context.resolve(uniqueIdentifier));
    return whenReady(found, (object) => runOn(object, operation, context, payload as Targeted));
  }

  /** The attempt is on record before anything is written. */
  async #write(operation: AnyOperation, changes: ChangeSet, { records }: BatchState, origin: Origin): Promise<void> {
    this.#parts.audit.append({
      kind: 'attempt',
      ...origin,
      operation: operation.name,
      object: changes.puts[0]?.after.id,
      result: undefined,
    });
    await this.#parts.audit.accepted();
    await records.commit(changes);
  }
}

/** Permission, state, run. */
function runOn(
  found: ManagedObject | undefined,
  operation: TargetedOperation<Targeted, unknown>,
  context: ItemContext,
  payload: Targeted,
): Awaitable<Done<unknown>> {
  const object = context.permitted(found, operation.permission);
  if (operation.states !== undefined) {
    const state = effectiveState(object, context.now);
    if (!operation.states.includes(state)) throw wrongState(state);
  }
  return operation.run(context, payload, object);
}

/** The payload; what the item says of the ID Placeholder and of identifiers is noted for those after it. */
function concluded({ placeholder, payload }: Done<unknown>, operation: AnyOperation, batch: BatchState): unknown {
  if (placeholder !== undefined) batch.placeholder = placeholder ?? undefined;
  if (batch.answered !== undefined) remember(batch.answered, operation, payload);
  return payload;
}

/** The error to be told; Check empties the ID Placeholder. */
function failed(error: unknown, operation: AnyOperation, batch: BatchState): unknown {
  if (operation.emptiesPlaceholder === true) batch.placeholder = undefined;
  if (!(error instanceof ConflictError)) return error;
  return new KmipError('store-unavailable', 'the object is being changed by others, try again');
}

/** What later items of the batch may refer to (KMIP 2.1, 4.58): the identifiers of this answer. */
function remember(answered: Answered, { name }: AnyOperation, payload: unknown): void {
  const answer = payload as Identifiers;
  if (typeof answer.uniqueIdentifier === 'string') {
    answered.identifiers.push(answer.uniqueIdentifier);
    answered.results.set(name, answer.uniqueIdentifier);
  } else if (answer.uniqueIdentifier !== undefined) rememberFound(answered, name, answer.uniqueIdentifier);
  else if (answer.privateKeyUniqueIdentifier !== undefined) rememberPair(answered, name, answer);
}

function rememberFound({ identifiers, results }: Answered, name: string, found: readonly string[]): void {
  for (const id of found) identifiers.push(id);
  if (found[0] !== undefined) results.set(name, found[0]);
}

function rememberPair({ identifiers, results }: Answered, name: string, answer: Identifiers): void {
  const { privateKeyUniqueIdentifier: privateKey = '', publicKeyUniqueIdentifier: publicKey = '' } = answer;
  identifiers.push(privateKey, publicKey);
  results.set(name, privateKey).set(`${name}PrivateKey`, privateKey).set(`${name}PublicKey`, publicKey);
}

/** The fields of response payloads that hold identifiers. */
interface Identifiers {
  readonly uniqueIdentifier?: string | readonly string[];
  readonly privateKeyUniqueIdentifier?: string;
  readonly publicKeyUniqueIdentifier?: string;
}
