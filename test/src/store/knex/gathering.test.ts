import assert from 'node:assert/strict';
import { Gathering } from '../../../../src/store/knex/gathering.ts';

describe('questions put together', () => {
  /** Askings under way: what was asked, and how to answer. */
  function asker(most: number) {
    const askings: {
      readonly questions: readonly string[];
      readonly answer: PromiseWithResolvers<readonly string[]>;
    }[] = [];
    const gathering = new Gathering<string, string>(most, (questions) => {
      const answer = Promise.withResolvers<readonly string[]>();
      askings.push({ questions, answer });
      return answer.promise;
    });
    const reply = async (index: number, state: string): Promise<void> => {
      const asking = askings[index];
      asking?.answer.resolve(asking.questions.map((question) => `${question} ${state}`));
      await new Promise(setImmediate);
    };
    return { askings, gathering, reply };
  }

  it('are never answered by what was asked before they came', async () => {
    const { askings, gathering, reply } = asker(10);
    const first = gathering.ask('a');
    const later = [gathering.ask('a'), gathering.ask('b'), gathering.ask('a')];
    assert.deepEqual(
      askings.map(({ questions }) => questions),
      [['a']],
    );
    await reply(0, 'old');
    await reply(1, 'new');
    assert.equal(await first, 'a old');
    assert.deepEqual(await Promise.all(later), ['a new', 'b new', 'a new']);
    assert.equal(askings.length, 2);
  });

  it('are asked so many at a time at most', async () => {
    const { askings, gathering, reply } = asker(2);
    const all = Promise.all(['a', 'b', 'c', 'd'].map((one) => gathering.ask(one)));
    for (const index of [0, 1, 2]) await reply(index, 'x');
    await all;
    assert.deepEqual(
      askings.map(({ questions }) => questions),
      [['a'], ['b', 'c'], ['d']],
    );
  });

  it('fail together, and the next are asked all the same', async () => {
    const { askings, gathering, reply } = asker(10);
    const failing = gathering.ask('a');
    const next = gathering.ask('b');
    askings[0]?.answer.reject(new Error('away'));
    await assert.rejects(failing, /away/);
    await reply(1, 'x');
    assert.equal(await next, 'b x');
  });
});
