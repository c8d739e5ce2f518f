import assert from 'node:assert/strict';
import { adminTokenDigest } from '../../../src/seal/admin-token.ts';
import type { NodeSeal } from '../../../src/seal/node-seal.ts';
import { secretOf, textOf } from '../../support/secrets.ts';
import { bytes, SITE_ID, Site } from '../../support/site.ts';

/** A site with shares, and unsealed nodes. */
async function unsealed(count: number): Promise<readonly [Site, ...NodeSeal[]]> {
  const site = await Site.make({ shares: 3, threshold: 2 });
  const nodes = await Promise.all(Array.from({ length: count }, () => site.node()));
  for (const node of nodes) await node.submit(bytes(...site.shares.slice(0, 2)));
  return [site, ...nodes];
}

const known = (tokens: readonly string[], ...nodes: readonly NodeSeal[]) =>
  Promise.all(tokens.flatMap((token) => nodes.map((node) => node.verifyAdminToken(secretOf(token)))));

describe('the administrator token', () => {
  it('is replaced with the consent of enough shares; the old one is over on every node, which stay unsealed', async () => {
    const [site, one, other] = await unsealed(2);
    assert(one && other);
    const begun = await one.replaceAdminToken(bytes(site.shares[0]));
    const { operation } = begun.status;
    assert.deepEqual([operation?.kind, operation?.cnt, operation?.required], ['admin-token', 1, 2]);
    assert.equal(begun.completed, undefined);
    assert.deepEqual(await known(['token'], one, other), [true, true]);
    const done = await one.replaceAdminToken(bytes(site.shares[2]), operation?.nonce);
    const token = textOf(done.completed?.adminToken);
    assert.match(token, /^[\w-]{43}$/);
    assert.deepEqual(done.completed?.shares, []);
    assert.equal(done.status.operation, undefined);
    assert.deepEqual(await known(['token', token], one, other), [false, false, true, true]);
    for (const node of [one, other]) assert.equal((await node.kek((keyring) => keyring.primary()))?.generation, 1);

    const restarted = await site.node();
    assert.deepEqual(await known(['token', token], restarted), [false, true]);
    await restarted.submit(bytes(...site.shares.slice(1)));
    assert.deepEqual(await known(['token', token], restarted), [false, true]);
  });

  it('of another node is not brought back by what a node does later', async () => {
    const [site, one, other] = await unsealed(2);
    assert(one && other);
    const { completed } = await one.replaceAdminToken(bytes(...site.shares.slice(0, 2)));
    const token = textOf(completed?.adminToken);
    const { operation } = await other.begin({ kind: 'rekey', split: { shares: 1, threshold: 1 } });
    const rekeyed = await other.submit(bytes(...site.shares.slice(0, 2)), operation.nonce);
    assert.equal(rekeyed.completed?.shares.length, 1);
    assert.deepEqual(await known(['token', token], other), [false, true]);
  });

  it('that was replaced does not keep other nodes from making and retiring generations', async () => {
    const [site, one, other] = await unsealed(2);
    assert(one && other);
    await one.replaceAdminToken(bytes(...site.shares.slice(0, 2)));
    assert.equal((await other.kek((keyring) => keyring.primary(1)))?.generation, 2);
    assert.deepEqual(await other.generations.retire(), [1]);
  });

  it('is not given away: not for no share, not for one that is none, not for those of another operation', async () => {
    const [site, seal] = await unsealed(1);
    assert(seal);
    for (const given of [[], bytes('no share')]) {
      const { refused, status } = await seal.replaceAdminToken(given);
      assert.equal(refused.length, given.length);
      assert.equal(status.operation, undefined);
    }
    const { operation } = await seal.begin({ kind: 'rotate-root' });
    await assert.rejects(seal.replaceAdminToken(bytes(...site.shares.slice(0, 2)), operation.nonce), {
      error: 'invalid-field',
    });
    assert.equal((await seal.status()).operation?.cnt, 0);
    await seal.cancel(operation.nonce);
    const begun = await seal.replaceAdminToken(bytes(site.shares[0]));
    const nonce = begun.status.operation?.nonce;
    await assert.rejects(seal.replaceAdminToken(bytes(site.shares[1])), { error: 'wrong-state' });
    assert.equal((await seal.replaceAdminToken(bytes(site.shares[1]), nonce)).completed?.kind, 'admin-token');
    // Anybody may ask so: what was shown once is not shown again.
    await assert.rejects(seal.replaceAdminToken([], nonce), { error: 'invalid-field' });
    await assert.rejects(seal.submit([], nonce), { error: 'invalid-field' });
  });

  it('costs nobody the result of another operation', async () => {
    const [site, seal] = await unsealed(1);
    assert(seal);
    const { operation } = await seal.begin({ kind: 'rekey', split: { shares: 2, threshold: 1 } });
    const { completed } = await seal.submit(bytes(...site.shares.slice(0, 2)), operation.nonce);
    const shown = completed?.shares.map(textOf);
    await seal.replaceAdminToken(bytes('no share'));
    assert.deepEqual((await seal.submit([], operation.nonce)).completed?.shares.map(textOf), shown);
  });

  it('is replaced by no node that is sealed, and by none without shares', async () => {
    const site = await Site.make({ shares: 2, threshold: 1 });
    await assert.rejects((await site.node()).replaceAdminToken(bytes(site.shares[0])), { error: 'sealed' });
    const open = await Site.make();
    await assert.rejects((await open.node()).replaceAdminToken(bytes('share')), { error: 'wrong-state' });
  });

  it('is replaced with recovery shares, too, which stay what they are', async () => {
    const site = await Site.make();
    const seal = await site.node();
    const shares = await site.recovery({ shares: 2, threshold: 2 });
    const replaced = await seal.replaceAdminToken(bytes(...shares));
    assert.deepEqual(await known(['token', textOf(replaced.completed?.adminToken)], seal), [false, true]);
    const { operation } = await seal.begin({ kind: 'rotate-root' });
    assert.equal((await seal.submit(bytes(...shares), operation.nonce)).completed?.kind, 'rotate-root');
  });

  it('of somebody who writes the database is none', async () => {
    const [site, seal] = await unsealed(1);
    assert(seal);
    const row = await site.store.installation();
    assert(row);
    for (const change of [{}, { tag: null }, { tag: null, recovery: null }]) {
      site.store.installation = async () => ({
        ...row,
        adminToken: adminTokenDigest(SITE_ID, secretOf('mine')),
        ...change,
      });
      await assert.rejects(seal.verifyAdminToken(secretOf('mine')), { name: 'SealError' });
      await assert.rejects(seal.replaceAdminToken(bytes(...site.shares)), { name: 'SealError' });
    }
    site.store.installation = async () => ({ ...row, adminToken: null, tag: null });
    await assert.rejects(seal.verifyAdminToken(secretOf('token')), { name: 'SealError' });
    assert.equal((await seal.status()).state, 'unsealed');
  });
});
