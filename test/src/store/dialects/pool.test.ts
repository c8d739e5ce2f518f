import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { KmipError } from '../../../../src/errors.ts';
import { Pool } from '../../../../src/store/dialects/pool.ts';
import type { Session } from '../../../../src/store/dialects/session.ts';

class FakeSession implements Session {
  usable = true;
  ended = false;

  async run(): Promise<never> {
    throw new Error('not asked for here');
  }

  async end(): Promise<void> {
    this.ended = true;
  }

  abort(): void {
    this.usable = false;
  }
}

const unavailable = (error: unknown): boolean => error instanceof KmipError && error.error === 'store-unavailable';

describe('a pool of connections', () => {
  const pools: Pool[] = [];
  afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

  function open(limits: { sessions?: number; patience?: number; idle?: number } = {}) {
    const made: FakeSession[] = [];
    const server = {
      pipelines: false,
      freezing: [],
      meaningOf: () => 'mistake' as const,
      reachable: true,
      async connect(): Promise<Session> {
        if (!this.reachable) throw new Error('nobody listens');
        const session = new FakeSession();
        made.push(session);
        return session;
      },
    };
    const pool = new Pool(server, { sessions: 2, patience: 5_000, idle: 60_000, ...limits });
    pools.push(pool);
    return { pool, made, server };
  }

  /** Work that lasts until it is told to end. */
  function hold(pool: Pool) {
    const end = Promise.withResolvers<void>();
    const session = Promise.withResolvers<Session>();
    const done = pool.use(async (one) => {
      session.resolve(one);
      await end.promise;
    });
    return { session: session.promise, done, end: end.resolve };
  }

  it('has no more of them than it may, and hands them on in the order of asking', async () => {
    const { pool, made } = open();
    const holders = [hold(pool), hold(pool)];
    await Promise.all(holders.map(({ session }) => session));
    const order: number[] = [];
    const waiting = [1, 2, 3].map((number) => pool.use(async () => void order.push(number)));
    holders[0]?.end();
    await Promise.all(waiting);
    assert.deepEqual(order, [1, 2, 3]);
    assert.equal(made.length, 2);
    holders[1]?.end();
  });

  it('says so when nobody gives one back in time', async () => {
    const { pool } = open({ sessions: 1, patience: 30 });
    const holder = hold(pool);
    await holder.session;
    await assert.rejects(
      pool.use(async () => {}),
      unavailable,
    );
    holder.end();
    await holder.done;
  });

  it('breaks a connection on which work takes too long', async () => {
    const { pool, made } = open({ patience: 30 });
    const work = pool.use(async (session) => {
      while (session.usable) await sleep(5);
      throw new Error('broken');
    });
    await assert.rejects(work, unavailable);
    assert.deepEqual(
      made.map(({ ended }) => ended),
      [true],
    );
  });

  it('replaces those that were lost', async () => {
    const { pool, made } = open({ sessions: 1 });
    await pool.use(async () => {});
    made[0]?.abort();
    assert.equal(await pool.use(async (session) => session === made[1]), true);
  });

  it('tells everybody who waits that there is no server, and recovers', async () => {
    const { pool, server } = open({ sessions: 1 });
    server.reachable = false;
    const asking = await Promise.allSettled([1, 2, 3].map(() => pool.use(async () => {})));
    for (const one of asking) assert.ok(one.status === 'rejected' && unavailable(one.reason));
    server.reachable = true;
    await pool.use(async () => {});
  });

  it('gives up those without work', async () => {
    const { pool, made } = open({ idle: 20 });
    await pool.use(async () => {});
    while (made[0]?.ended === false) await sleep(5);
    await pool.use(async () => {});
    assert.equal(made.length, 2);
  });

  it('waits for what is under way when it is closed, and takes nothing more', async () => {
    const { pool, made } = open();
    const holder = hold(pool);
    await holder.session;
    const closed = pool.close();
    assert.equal(await Promise.race([closed.then(() => 'closed'), sleep(20, 'waiting')]), 'waiting');
    await assert.rejects(
      pool.use(async () => {}),
      /closed/,
    );
    holder.end();
    await closed;
    assert.ok(made.every(({ ended }) => ended));
    pools.splice(0);
  });
});
