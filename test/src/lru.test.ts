import assert from 'node:assert/strict';
import { Lru } from '../../src/lru.ts';

describe('Lru', () => {
  it('forgets the least recently used entry', () => {
    const lru = new Lru<number>({ entries: 2, bytes: 1000 });
    lru.set('a', 1, 1);
    lru.set('b', 2, 1);
    assert.equal(lru.get('a'), 1);
    lru.set('c', 3, 1);
    assert.equal(lru.get('b'), undefined);
    assert.equal(lru.get('a'), 1);
    assert.equal(lru.get('c'), 3);
  });

  it('takes a new entry though all others were used', () => {
    const lru = new Lru<number>({ entries: 2, bytes: 1000 });
    lru.set('a', 1, 1);
    lru.set('b', 2, 1);
    lru.get('a');
    lru.get('b');
    lru.set('c', 3, 1);
    assert.equal(lru.get('a'), undefined);
    assert.equal(lru.get('b'), 2);
    assert.equal(lru.get('c'), 3);
  });

  it('stays within its bytes, counting a replaced value once', () => {
    const lru = new Lru<string>({ entries: 100, bytes: 10 });
    lru.set('a', 'old', 9);
    lru.set('a', 'new', 4);
    lru.set('b', 'b', 6);
    assert.equal(lru.get('a'), 'new');
    lru.set('c', 'c', 5);
    assert.equal(lru.get('b'), undefined);
    assert.equal(lru.get('a'), 'new');
  });

  it('does not keep what alone is too large', () => {
    const lru = new Lru<string>({ entries: 100, bytes: 10 });
    lru.set('a', 'a', 11);
    assert.equal(lru.get('a'), undefined);
    lru.set('b', 'b', 10);
    assert.equal(lru.get('b'), 'b');
  });

  it('is empty after clear, and takes as much as before', () => {
    const lru = new Lru<string>({ entries: 100, bytes: 10 });
    lru.set('a', 'a', 10);
    lru.clear();
    assert.equal(lru.get('a'), undefined);
    lru.set('b', 'b', 10);
    assert.equal(lru.get('b'), 'b');
  });
});
