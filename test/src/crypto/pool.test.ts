import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { inThreadPool, Limiter } from '../../../src/crypto/pool.ts';

describe('the limiter', () => {
  it('runs so many tasks at a time, in order, and all of them', async () => {
    const limiter = new Limiter(2);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const task = async (index: number): Promise<number> => {
      started.push(index);
      running += 1;
      most = Math.max(most, running);
      await sleep(index % 3);
      running -= 1;
      return index;
    };
    const indexes = Array.from({ length: 20 }, (_, index) => index);
    assert.deepEqual(await Promise.all(indexes.map((index) => limiter.run(() => task(index)))), indexes);
    assert.equal(most, 2);
    assert.deepEqual(started, indexes);
  });

  it('goes on after tasks that fail, and while new ones come', async () => {
    const limiter = new Limiter(1);
    let running = 0;
    let most = 0;
    const task = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      running -= 1;
      throw new Error('failed');
    };
    const first = limiter.run(task).catch(() => limiter.run(task));
    const others = [1, 2, 3].map(() => limiter.run(task));
    const results = await Promise.allSettled([first, ...others]);
    assert.deepEqual(new Set(results.map((result) => result.status)), new Set(['rejected']));
    assert.equal(most, 1);
    assert.equal(await limiter.run(async () => 'done'), 'done');
  });

  it('gives back what the task gives', async () => {
    assert.equal(await inThreadPool(async () => 42), 42);
  });
});
