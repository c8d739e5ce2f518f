import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from '../../../../src/keychain/stores/file.ts';
import { chainStoreContract } from '../../../contracts/chain-store.ts';
import { failing } from '../../../support/keychain.ts';

describe('keychain/stores/file', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-keychain-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  chainStoreContract(async () => ({
    open: () => new FileStore(folder),
    code: {
      module: 'src/keychain/stores/file.ts',
      name: 'FileStore',
      expression: `new FileStore(${JSON.stringify(folder)})`,
    },
  }));

  it('leaves one file, which only its owner can read', async () => {
    const store = new FileStore(folder);
    for (const text of ['one', 'two', 'three']) await store.save(Buffer.from(text), (await store.load())?.revision);
    assert.deepEqual(readdirSync(folder), ['chain.3']);
    assert.equal(statSync(join(folder, 'chain.3')).mode & 0o777, 0o600);
  });

  it('goes by the newest file where a crash left others, and removes those in time', async () => {
    const store = new FileStore(folder);
    await store.save(Buffer.from('one'), undefined);
    await store.save(Buffer.from('two'), '1');
    writeFileSync(join(folder, 'chain.1'), 'left over');
    writeFileSync(join(folder, 'draft.c0ffee'), 'half');
    assert.deepEqual(await store.load(), { bytes: Buffer.from('two'), revision: '2' });
    assert.equal(await store.save(Buffer.from('three'), '2'), true);
    assert.deepEqual(readdirSync(folder).sort(), ['chain.3', 'draft.c0ffee']);
  });

  it('begins no new chain where the folder is missing', async () => {
    const store = new FileStore(join(folder, 'not-mounted'));
    await assert.rejects(store.load(), failing('store-unavailable'));
    await assert.rejects(store.save(Buffer.from('one'), undefined), failing('store-unavailable'));
  });
});
