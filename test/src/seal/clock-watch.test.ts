import assert from 'node:assert/strict';
import { ClockWatch, clocksDiffer } from '../../../src/seal/clock-watch.ts';
import { memoryLog } from '../../support/listener.ts';

/** A database whose clock is ahead by so many seconds, and answers after `slow` seconds. */
class Database {
  ahead = 0;
  slow = 0;
  now = 1_800_000_000_500;

  async clock(): Promise<number> {
    const answer = Math.floor(this.now / 1000) + this.ahead;
    this.now += this.slow * 1000;
    return answer;
  }
}

describe('the clocks of the node and of the database', () => {
  const { now } = Date;
  let database: Database;

  beforeEach(() => {
    database = new Database();
    Date.now = () => database.now;
  });

  afterEach(() => {
    Date.now = now;
  });

  for (const [ahead, words] of [
    [0, undefined],
    [2, undefined],
    [-2, undefined],
    [3, /differ by 3 s$/],
    [-3, /differ by 3 s$/],
    [86_400, /differ by 86400 s$/],
  ] as const) {
    it(`${words === undefined ? 'agree' : 'differ'} where the database is ${ahead} s ahead`, async () => {
      database.ahead = ahead;
      const complaint = await clocksDiffer(database);
      if (words === undefined) assert.equal(complaint, undefined);
      else assert.match(complaint ?? '', words);
    });
  }

  it('agree where only the answer took long', async () => {
    database.slow = 9;
    for (database.ahead of [-2, 0, 9]) assert.equal(await clocksDiffer(database), undefined);
    database.ahead = -3;
    assert.match((await clocksDiffer(database)) ?? '', /differ by 3 s$/);
  });

  it('are watched: each other complaint is told, and logged when it begins and ends', async () => {
    const told: (string | undefined)[] = [];
    const log = memoryLog();
    const watch = new ClockWatch({ store: database, log, changed: (complaint) => told.push(complaint) });
    for (database.ahead of [0, 10, 10, 11, 0, 1]) await watch.look();
    const words = 'the clock of this machine and that of the database differ by';
    assert.deepEqual(told, [`${words} 10 s`, `${words} 11 s`, undefined]);
    assert.deepEqual(
      log.lines.map(({ level, text }) => [level, text]),
      [
        ['error', `${words} 10 s: nothing is answered until they agree`],
        ['info', 'the clocks of this machine and of the database agree again'],
      ],
    );
  });

  it('keep the last verdict while the database does not answer', async () => {
    const watch = new ClockWatch({ store: database, log: memoryLog(), changed: () => {} });
    database.ahead = 10;
    await watch.look();
    const away = new Error('away');
    const { clock } = database;
    database.clock = () => Promise.reject(away);
    await assert.rejects(watch.look(), away);
    assert.match(watch.complaint ?? '', /10 s$/);
    database.clock = clock;
    database.ahead = 0;
    await watch.look();
    assert.equal(watch.complaint, undefined);
  });
});
