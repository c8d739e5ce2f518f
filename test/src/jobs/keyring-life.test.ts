import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AttributeSet } from '../../../src/kmip/attribute-set.ts';
import type { ManagedObject } from '../../../src/objects/object.ts';
import type { Generations } from '../../../src/seal/generations.ts';
import { Keyring } from '../../../src/seal/keyring.ts';
import type { GenerationKeys } from '../../../src/seal/keys.ts';
import { SealState } from '../../../src/seal/state.ts';
import { TaggedRecords } from '../../../src/seal/tagged-records.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { ConflictError, type InstallationRow, type Store } from '../../../src/store/store.ts';
import { State } from '../../../ttlv/tables/enums.ts';
import { generationsOf, install } from '../../support/seal.ts';
import { materialOf, newObject } from '../../support/sealed.ts';

const limits = { block: 3, most: 10 };

/** What a node does. `crash` takes it away in the middle of what it did before; another one takes its place. */
const doing = fc.constantFrom('create', 'create', 'pair', 'change', 'destroy', 'renew', 'retire', 'rotate', 'crash');
type Doing = typeof doing extends fc.Arbitrary<infer T> ? T : never;

/** What several nodes share, and what the test knows of it. */
class Site {
  readonly store: Store;
  readonly #installation: InstallationRow;
  /** Encryptions that each generation was used for. */
  readonly used = new Map<number, number>();
  /** Acknowledged objects, and whether they were destroyed; undefined where that was not acknowledged. */
  readonly objects = new Map<string, { destroyed: boolean | undefined }>();
  readonly alarms: unknown[] = [];
  #made = 0;

  static async make(): Promise<Site> {
    const store = new MemoryStore();
    return new Site(store, await install(store));
  }

  private constructor(store: Store, installation: InstallationRow) {
    this.store = store;
    this.#installation = installation;
  }

  async node(store: Store = this.store): Promise<{ records: TaggedRecords; generations: Generations }> {
    const generations = await generationsOf(store, this.#installation);
    const state = new SealState();
    state.unseal(new CountedKeyring(this.used, this.#installation.id, generations, store));
    const log = { error: (...line: unknown[]) => void this.alarms.push(line) };
    const records = new TaggedRecords({ store, state, audit: { append: () => {} }, log, maxStaleness: 0 });
    return { records, generations };
  }

  newId(): string {
    this.#made += 1;
    return `object ${this.#made}`;
  }
}

/** Counts the encryptions that it gives keys for. */
class CountedKeyring extends Keyring {
  readonly #used: Map<number, number>;

  constructor(used: Map<number, number>, ...[id, source, store]: ConstructorParameters<typeof Keyring>) {
    super(id, source, store, limits);
    this.#used = used;
  }

  override async forEncryptions(count: number): Promise<GenerationKeys> {
    const keys = await super.forEncryptions(count);
    this.#used.set(keys.generation, (this.#used.get(keys.generation) ?? 0) + count);
    return keys;
  }
}

/** A node whose every call of the database, and every answer to one, comes when the scheduler says. */
class ScheduledNode {
  readonly #site: Site;
  readonly #scheduler: fc.Scheduler;
  readonly #parts: ReturnType<Site['node']>;
  #dead = false;

  constructor(site: Site, scheduler: fc.Scheduler) {
    this.#site = site;
    this.#scheduler = scheduler;
    const through = <T>(call: () => Promise<T>) => this.#through(call);
    const store = new Proxy(site.store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (name === 'version' || name === 'seenSealEpoch') return member.bind(target);
        return (...args: unknown[]) => through(() => Reflect.apply(member, target, args));
      },
    });
    this.#parts = site.node(store);
  }

  /** Nothing that was under way goes on. */
  kill(): void {
    this.#dead = true;
  }

  async does(what: Exclude<Doing, 'crash'>): Promise<void> {
    try {
      await this[what]();
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  create(): Promise<void> {
    return this.#make(1);
  }

  pair(): Promise<void> {
    return this.#make(2);
  }

  async change(): Promise<void> {
    const { records } = await this.#parts;
    const before = await this.#anyObject();
    if (before === undefined) return;
    const attributes = before.attributes.with('ActivationDate', before.revision);
    await records.commit({ puts: [{ before, after: { ...before, attributes } }] });
  }

  async destroy(): Promise<void> {
    const { records } = await this.#parts;
    const before = await this.#anyObject();
    const known = before && this.#site.objects.get(before.id);
    if (before === undefined || known === undefined || known.destroyed !== false) return;
    known.destroyed = undefined;
    const after = { ...before, state: State.Destroyed };
    try {
      await records.commit({ puts: [{ before, after, material: { secret: AttributeSet.empty } }] });
      known.destroyed = true;
    } catch (error) {
      known.destroyed = false;
      throw error;
    }
  }

  async renew(): Promise<void> {
    const { records } = await this.#parts;
    for (const { generation, primary } of await this.#site.store.keyring()) {
      const left = primary ? [] : await this.#site.store.ofGeneration(generation, 0, 100);
      await Promise.all(left.map(({ id }) => records.renew(id)));
    }
  }

  async retire(): Promise<void> {
    await (await this.#parts).generations.retire();
  }

  async rotate(): Promise<void> {
    await (await this.#parts).generations.rotate();
  }

  async #make(count: number): Promise<void> {
    const { records } = await this.#parts;
    const ids = Array.from({ length: count }, () => this.#site.newId());
    await records.commit({ puts: ids.map((id) => ({ after: newObject(id), material: materialOf(id) })) });
    for (const id of ids) this.#site.objects.set(id, { destroyed: false });
  }

  async #anyObject(): Promise<ManagedObject | undefined> {
    const ids = [...this.#site.objects.keys()];
    const id = ids[Math.floor(ids.length / 2)];
    return id === undefined ? undefined : (await this.#parts).records.get(id);
  }

  async #through<T>(call: () => Promise<T>): Promise<T> {
    await this.#turn('a call');
    const [result] = await Promise.allSettled([call()]);
    await this.#turn('an answer');
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  async #turn(label: string): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label);
    if (this.#dead) await new Promise(() => {});
  }
}

async function live(site: Site, scheduler: fc.Scheduler, life: readonly Doing[]): Promise<void> {
  let node = new ScheduledNode(site, scheduler);
  for (const [index, what] of life.entries()) {
    if (what === 'crash') {
      node.kill();
      node = new ScheduledNode(site, scheduler);
    } else if (life[index + 1] === 'crash') {
      node.does(what).catch((error: unknown) => site.alarms.push(error));
      for (let turn = 0; turn <= index % 4; turn += 1) await scheduler.schedule(Promise.resolve(), 'the crash comes');
    } else await node.does(what);
  }
}

/** No generation was used more often than is reserved, nor than it may be. */
async function checkKeyring({ used, store }: Site): Promise<void> {
  for (const count of used.values()) assert.ok(count <= limits.most);
  for (const { generation, reserved } of await store.keyring()) assert.ok(reserved >= (used.get(generation) ?? 0));
}

/** A node that has just been started opens whatever was acknowledged. */
async function checkObjects(site: Site): Promise<void> {
  const { records } = await site.node();
  for (const [id, { destroyed }] of site.objects) {
    const object = await records.get(id);
    assert.ok(object, id);
    const isGone = destroyed ?? object.state === State.Destroyed;
    if (!isGone) assert.deepEqual(await records.material(object), materialOf(id));
  }
}

describe('the life of a keyring', () => {
  it('keeps every KEK within its limit and every object open, whatever two nodes do and when they crash', async () => {
    const life = fc.array(doing, { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), life, life, async (scheduler, one, another) => {
        const site = await Site.make();
        await scheduler.waitFor(Promise.all([one, another].map((each) => live(site, scheduler, each))));
        await checkKeyring(site);
        await checkObjects(site);
        assert.deepEqual(site.alarms, []);
      }),
    );
  });

  it('ends with one generation once all was sealed anew', async () => {
    const site = await Site.make();
    const { records, generations } = await site.node();
    for (let count = 0; count < 40; count += 1) {
      const id = site.newId();
      await records.commit({ puts: [{ after: newObject(id), material: materialOf(id) }] });
    }
    assert.equal((await site.store.keyring()).length, 5);
    await generations.rotate();
    for (const { generation } of (await site.store.keyring()).slice(0, -1)) {
      for (const { id } of await site.store.ofGeneration(generation, 0, 100)) await records.renew(id);
    }
    await generations.retire();
    const left = (await site.store.keyring()).map((row) => row.generation);
    assert.deepEqual(
      left,
      [...(await site.store.generationSizes()).keys()].sort((a, b) => a - b),
    );
    assert.equal((await site.store.auditKeys()).at(0)?.generation, 1);
    await generations.check();
  });
});
