import assert from 'node:assert/strict';
import type { AuditEntry } from '../../src/audit/entry.ts';
import { type ErrorName, KmipError } from '../../src/errors.ts';
import { type Batch, type BatchItem, type ItemOutcome, runBatch } from '../../src/operations/batch.ts';
import type { OperationSettings } from '../../src/operations/context.ts';
import { Dispatcher } from '../../src/operations/dispatch.ts';
import { type AnyOperation, untargeted } from '../../src/operations/operation.ts';
import { newInstallation } from '../../src/seal/generations.ts';
import { Keyring } from '../../src/seal/keyring.ts';
import type { Records } from '../../src/seal/records.ts';
import { SealState } from '../../src/seal/state.ts';
import { TaggedRecords } from '../../src/seal/tagged-records.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Codec } from '../../ttlv/codec.ts';
import { structure } from '../../ttlv/structure.ts';
import { Operation } from '../../ttlv/tables/enums.ts';
import { LATEST, type Version } from '../../ttlv/tables/versions.ts';
import { assertListed } from './listed-reasons.ts';
import { generationsOf, openSeal } from './seal.ts';

/** An operation with the types of its payloads. */
type Typed<Request, Response> = AnyOperation & {
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
};

interface NodeOptions {
  readonly store?: MemoryStore;
  readonly settings?: Partial<OperationSettings>;
  readonly sealed?: boolean;
}

/** How a batch is to be run, where it is not run as usual: stopped by a failure, later items may refer to earlier ones. */
export interface BatchOptions {
  readonly continuation?: Batch['continuation'];
  readonly ordered?: boolean;
}

/** The moment at which the clock of a test node stands: 2001-09-09T01:46:40Z. */
export const START = 1_000_000_000;

/**
 * A node without listener and database: what dispatch, operations and the seal do with typed requests. Its clock stands
 * still until a test moves it.
 */
export class TestNode {
  now = START;
  readonly store: MemoryStore;
  readonly records: Records;
  readonly audited: AuditEntry[] = [];
  readonly #dispatcher: Dispatcher;

  private constructor(store: MemoryStore, state: SealState, { settings, sealed = false }: NodeOptions) {
    this.store = store;
    const audit = {
      append: (entry: AuditEntry) => void this.audited.push(entry),
      accepted: async () => {},
      close: () => {},
    };
    const log = { error: (...line: unknown[]) => assert.fail(`logged: ${JSON.stringify(line)}`) };
    this.records = new TaggedRecords({
      ...{ store, state, audit, log },
      maxStaleness: 0,
      uniqueNames: settings?.namesUnique === 'owner',
    });
    const clock = () => this.now;
    const refusal = () => (sealed ? new KmipError('sealed', 'the server is sealed') : undefined);
    const parts = { records: this.records, audit, refusal, clock };
    this.#dispatcher = new Dispatcher({ ...parts, settings: { namesUnique: 'off', ...settings } });
  }

  static async open(options: NodeOptions = {}): Promise<TestNode> {
    const { store = new MemoryStore() } = options;
    const { installation, first } = await newInstallation(openSeal, START);
    await store.initialise(installation, first);
    const source = await generationsOf(store, installation);
    const state = new SealState();
    state.unseal(new Keyring(installation.id, source, store));
    return new TestNode(store, state, options);
  }

  /** Somebody who speaks one version of the protocol. */
  as(name: string, version: Version = LATEST, groups: readonly string[] = []): User {
    return new User({ name, groups }, version, (batch) => runBatch(batch, this.#dispatcher));
  }

  /** Lets somebody do something with an object, as `kleis access grant` does. */
  async grant(id: string, userid: string, ...permissions: string[]): Promise<void> {
    const before = await this.records.get(id);
    assert.ok(before);
    const grants = [...before.grants.filter((one) => one.userid !== userid), { userid, permissions }];
    await this.records.commit({ puts: [{ before, after: { ...before, grants } }] });
  }
}

/** A request for a batch, with the types of its operation. */
export function item<Request>(operation: Typed<Request, unknown>, payload: NoInfer<Request>): BatchItem {
  return { name: operation.name, request: { operation, payload } };
}

/** An item that lets a test do something while its batch is under way. */
export function meanwhile(run: () => Promise<unknown>): BatchItem {
  const pause = untargeted({
    name: 'Query',
    code: Operation.Query,
    since: 10,
    request: structure({}),
    response: structure({}),
    permission: undefined,
    target: 'none',
    run: async () => {
      await run();
      return { payload: {} };
    },
  });
  return { name: pause.name, request: { operation: pause, payload: {} } };
}

/** Who asks, and in which version. Each failure is checked against the error lists of the standard. */
export class User {
  readonly version: Version;
  readonly #principal: Batch['principal'];
  readonly #run: (batch: Batch) => Promise<readonly ItemOutcome[]>;

  constructor(principal: Batch['principal'], version: Version, run: (batch: Batch) => Promise<readonly ItemOutcome[]>) {
    this.#principal = principal;
    this.version = version;
    this.#run = run;
  }

  /** What one request is answered with. Throws what it fails with. */
  async ask<Request, Response>(operation: Typed<Request, Response>, payload: NoInfer<Request>): Promise<Response> {
    const [outcome] = await this.batch([item(operation, payload)]);
    if (outcome?.status === 'failed') throw outcome.error;
    assert.equal(outcome?.status, 'success');
    return outcome.payload as Response;
  }

  /** Asserts that a request fails with this error, which the standard lists for it. */
  async fails<Request>(error: ErrorName, operation: Typed<Request, unknown>, payload: NoInfer<Request>): Promise<void> {
    const [outcome] = await this.batch([item(operation, payload)]);
    assert.equal(resultOf(outcome), error, `${operation.name}: ${messageOf(outcome)}`);
  }

  async batch(items: readonly BatchItem[], options: BatchOptions = {}): Promise<readonly ItemOutcome[]> {
    const { continuation = 'stop', ordered = true } = options;
    const origin = { who: this.#principal.name, from: '192.0.2.1', correlation: 'c' };
    const outcomes = await this.#run({
      items,
      continuation,
      ordered,
      version: this.version,
      principal: this.#principal,
      origin,
    });
    outcomes.forEach((outcome, index) => {
      const request = items[index]?.request;
      if (outcome.status !== 'failed' || request === undefined || request instanceof KmipError) return;
      if (!(outcome.error instanceof KmipError)) throw outcome.error;
      const { name, reasons } = request.operation;
      assertListed(outcome.error.error, this.version, name, reasons);
    });
    return outcomes;
  }
}

/** `success`, `undone`, or the name of the error. */
export function resultOf(outcome: ItemOutcome | undefined): string {
  if (outcome?.status !== 'failed') return outcome?.status ?? 'not answered';
  return outcome.error instanceof KmipError ? outcome.error.error : String(outcome.error);
}

function messageOf(outcome: ItemOutcome | undefined): string {
  return outcome?.status === 'failed' ? String(outcome.error) : '';
}
