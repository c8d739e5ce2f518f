import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { KmipError } from '../../../src/errors.ts';
import { adminTokenDigest } from '../../../src/seal/admin-token.ts';
import type { NodeSeal } from '../../../src/seal/node-seal.ts';
import { SealError } from '../../../src/seal/root-key.ts';
import { openSeal } from '../../support/seal.ts';
import { secretOf, textOf } from '../../support/secrets.ts';
import { bytes, SITE_ID as ID, Site } from '../../support/site.ts';

async function progress(seal: NodeSeal): Promise<string> {
  const { state, cnt, required } = await seal.status();
  return `${state} ${cnt}/${required}`;
}

describe('the seal of a node: shares', () => {
  it('start sealed, and open the keyring once there are enough, one by one', async () => {
    const site = await Site.make({ shares: 5, threshold: 3 });
    const seal = await site.node();
    assert.equal((await seal.status()).reason, '0 of 3 shares');
    await assert.rejects(
      seal.kek((keyring) => keyring.primary()),
      SealError,
    );
    assert.deepEqual((await seal.submit(bytes(site.shares[4]))).refused, []);
    assert.equal(await progress(seal), 'sealed 1/3');
    await seal.submit(bytes(site.shares[0]));
    assert.deepEqual(site.events, []);
    await seal.submit(bytes(site.shares[2]));
    assert.equal(await progress(seal), 'unsealed 0/0');
    assert.deepEqual(site.events, ['unsealed']);
    assert.equal((await seal.kek((keyring) => keyring.primary()))?.generation, 1);
  });

  it('open it all at once, too; what is given is zeroed', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node();
    const given = bytes(site.shares[0], 'no share', site.shares[0], site.shares[2]);
    const held = given.map((share) => share.expose());
    const { refused, status } = await seal.submit(given);
    assert.deepEqual(
      refused.map(({ position, refusal }) => [position, refusal]),
      [
        [1, 'malformed'],
        [2, 'duplicate'],
      ],
    );
    assert.equal(status.state, 'unsealed');
    for (const one of held)
      assert.equal(
        one.every((byte) => byte === 0),
        true,
      );
    await assert.rejects(seal.submit(bytes(site.shares[1])), { error: 'wrong-state' });
  });

  it('that do not open the keyring are thrown away whole', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node();
    const row = await site.store.installation();
    assert(row);
    const forged = Buffer.from(row.wrapped).fill(0, 20, 21);
    const { installation } = site.store;
    site.store.installation = async () => ({ ...row, wrapped: forged });
    const { status } = await seal.submit(bytes(...site.shares.slice(0, 2)));
    assert.equal(await progress(seal), 'sealed 0/2');
    assert.match(status.reason ?? '', /do not open/);
    site.store.installation = installation;
    await seal.submit(bytes(site.shares[1], site.shares[2]));
    assert.equal((await seal.status()).state, 'unsealed');
  });

  it('open nothing where the row was changed by somebody without the root key', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const row = await site.store.installation();
    assert(row);
    for (const change of [
      { adminToken: adminTokenDigest(ID, secretOf('mine')) },
      { recovery: { parameters: row.parameters, wrapped: row.wrapped } },
      { revision: 2 },
      { tag: null },
    ]) {
      site.store.installation = async () => ({ ...row, ...change });
      const seal = await site.node();
      const { status } = await seal.submit(bytes(...site.shares.slice(0, 2)));
      assert.equal(status.state, 'sealed');
      assert.match(status.reason ?? '', /was changed by somebody who does not have the root key/);
    }
  });

  it('not completed in time are forgotten', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node({ patience: 20 });
    await seal.submit(bytes(site.shares[0]));
    while ((await seal.status()).cnt > 0) await sleep(5);
    assert.equal(await progress(seal), 'sealed 0/2');
  });

  it('are asked for anew once the node is sealed again', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node();
    await seal.submit(bytes(...site.shares.slice(0, 2)));
    const { generations } = seal;
    await seal.seal({ all: false });
    assert.deepEqual(site.events, ['unsealed', 'sealed']);
    assert.equal((await seal.status()).reason, '0 of 2 shares');
    await assert.rejects(generations.primary(), SealError);
    await assert.rejects(seal.seal({ all: false }), { error: 'wrong-state' });
    await seal.submit(bytes(site.shares[2], site.shares[0]));
    assert.equal((await seal.status()).state, 'unsealed');
  });
});

describe('the seal of a node', () => {
  it('knows the administrator token, sealed and unsealed', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node();
    for (const state of ['sealed', 'unsealed']) {
      assert.equal((await seal.status()).state, state);
      assert.equal(await seal.verifyAdminToken(secretOf('token')), true);
      for (const token of ['', 'Token', 'token ', 'x'.repeat(1000)]) {
        assert.equal(await seal.verifyAdminToken(secretOf(token)), false);
      }
      if (state === 'sealed') await seal.submit(bytes(...site.shares));
    }
  });

  it('follows when all nodes are sealed, and not before', async () => {
    const site = await Site.make();
    const [one, other] = [await site.node(), await site.node()];
    await other.heedEpoch();
    assert.equal((await other.status()).state, 'unsealed');
    await one.seal({ all: true });
    await other.heedEpoch();
    assert.deepEqual([(await one.status()).state, (await other.status()).state], ['sealed', 'sealed']);
    await other.submit([]);
    await other.heedEpoch();
    assert.equal((await other.status()).state, 'unsealed');
    assert.equal((await one.status()).state, 'sealed');
  });

  it('begins nothing, and takes shares anew, once all nodes are sealed, though it has not noticed', async () => {
    const site = await Site.make();
    const [one, other] = [await site.node(), await site.node()];
    await one.seal({ all: true });
    await assert.rejects(other.begin({ kind: 'rotate-root' }), { error: 'sealed' });
    await one.submit([]);
    await other.submit([]);
    await other.seal({ all: true });
    assert.equal((await one.submit([])).status.state, 'unsealed');
  });

  it('is sealed where that was told to all nodes while it opened', async () => {
    const site = await Site.make();
    const open = async () => {
      await site.store.raiseSealEpoch();
      return openSeal;
    };
    const seal = await site.node({ open });
    await seal.heedEpoch();
    assert.equal((await seal.status()).state, 'sealed');
  });

  it('is sealed also where the others cannot be told', async () => {
    const site = await Site.make();
    const seal = await site.node();
    site.store.raiseSealEpoch = async () => Promise.reject(new KmipError('store-unavailable', 'the database is away'));
    await assert.rejects(seal.seal({ all: true }), { error: 'store-unavailable' });
    assert.equal((await seal.status()).state, 'sealed');
  });

  it('that opens by itself does not start where it cannot, and says why', async () => {
    const site = await Site.make();
    const away = async () => Promise.reject(new SealError('the HSM does not answer'));
    await assert.rejects(site.node({ open: away }), { name: 'SealError', message: 'the HSM does not answer' });
  });
});

/** Begins an operation that needs the shares, and gives them. */
async function consented(seal: NodeSeal, operation: Parameters<NodeSeal['begin']>[0], shares: readonly string[]) {
  const { operation: begun } = await seal.begin(operation);
  const { completed } = await seal.submit(bytes(...shares), begun.nonce);
  return completed;
}

describe('operations on the root key', () => {
  it('rekey: other shares open it, the old ones are told to be old', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node();
    await seal.submit(bytes(...site.shares.slice(0, 2)));
    const primary = async (node: NodeSeal) => (await node.kek((keyring) => keyring.primary()))?.key.expose();
    const kek = await primary(seal);
    const before = await site.store.keyring();
    const done = await consented(seal, { kind: 'rekey', split: { shares: 4, threshold: 3 } }, site.shares.slice(1, 3));
    const fresh = done?.shares.map(textOf) ?? [];
    assert.equal(fresh.length, 4);
    assert.notDeepEqual((await site.store.keyring())[0]?.wrapped, before[0]?.wrapped);
    assert.deepEqual(await primary(seal), kek);

    const next = await site.node();
    const { refused } = await next.submit(bytes(site.shares[0]));
    assert.equal(refused[0]?.refusal, 'older-split');
    await next.submit(bytes(...fresh.slice(1)));
    assert.deepEqual(await primary(next), kek);
  });

  it('give their result again to who has lost the answer, until another one begins', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node();
    await seal.submit(bytes(...site.shares.slice(0, 2)));
    const { operation } = await seal.begin({ kind: 'rekey', split: { shares: 2, threshold: 1 } });
    const { completed } = await seal.submit(bytes(...site.shares.slice(0, 2)), operation.nonce);
    const shown = completed?.shares.map(textOf);
    for (const share of completed?.shares ?? []) share.wipe();
    const again = await seal.submit([], operation.nonce);
    assert.deepEqual(again.completed?.shares.map(textOf), shown);
    await seal.begin({ kind: 'rotate-root' });
    await assert.rejects(seal.submit([], operation.nonce), { error: 'invalid-field' });
  });

  it('use no share that is given to another operation, or that is false', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node();
    await seal.submit(bytes(...site.shares.slice(0, 2)));
    const { operation } = await seal.begin({ kind: 'rotate-root' });
    assert.deepEqual([operation.cnt, operation.required], [0, 2]);
    await assert.rejects(seal.begin({ kind: 'rotate-root' }), { error: 'wrong-state' });
    await assert.rejects(seal.submit(bytes(...site.shares), crypto.randomUUID()), { error: 'invalid-field' });
    const { refused, completed } = await seal.submit(bytes(site.shares[0], site.shares[0]), operation.nonce);
    assert.deepEqual([refused[0]?.refusal, completed], ['duplicate', undefined]);
    assert.equal((await seal.status()).operation?.cnt, 1);
    await seal.cancel(operation.nonce);
    await assert.rejects(seal.submit(bytes(site.shares[1]), operation.nonce), { error: 'invalid-field' });
    const again = await seal.begin({ kind: 'rotate-root' });
    assert.equal(again.operation.cnt, 0);
    assert.notEqual(again.operation.nonce, operation.nonce);
  });

  it('rotate-root: another root key and another generation, opened by the same shares', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node();
    await seal.submit(bytes(...site.shares.slice(0, 2)));
    const before = await site.store.installation();
    const done = await consented(seal, { kind: 'rotate-root' }, site.shares.slice(1));
    assert.deepEqual(done?.shares, []);
    const rows = await site.store.keyring();
    assert.deepEqual(
      rows.map(({ primary }) => primary),
      [false, true],
    );
    assert.notDeepEqual((await site.store.installation())?.wrapped, before?.wrapped);
    const next = await site.node();
    await next.submit(bytes(...site.shares.slice(0, 2)));
    assert.equal((await next.kek((keyring) => keyring.primary()))?.generation, 2);
    assert.equal((await next.kek((keyring) => keyring.generation(1)))?.generation, 1);
  });

  it('migrate: to a seal that opens by itself and back; the old shares end', async () => {
    const site = await Site.make({ shares: 3, threshold: 2 });
    const seal = await site.node();
    await seal.submit(bytes(...site.shares.slice(0, 2)));
    await consented(seal, { kind: 'migrate', to: 'passphrase' }, site.shares.slice(0, 2));
    const next = await site.node();
    assert.equal(await progress(next), 'unsealed 0/0');
    const recovery = await site.recovery({ shares: 2, threshold: 2 });
    const completed = await consented(
      next,
      { kind: 'migrate', to: 'shamir', split: { shares: 1, threshold: 1 } },
      recovery,
    );
    const last = await site.node();
    assert.equal(await progress(last), 'sealed 0/1');
    await last.submit(bytes(...site.shares));
    assert.equal(await progress(last), 'sealed 0/1');
    await last.submit(completed?.shares ?? []);
    assert.equal((await last.status()).state, 'unsealed');
    await assert.rejects(last.begin({ kind: 'migrate', to: 'shamir', split: { shares: 1, threshold: 1 } }), {
      error: 'wrong-state',
    });
  });

  it('give the first shares of a seal that opens by itself to nobody who has but the token', async () => {
    const site = await Site.make();
    const seal = await site.node();
    const split = { shares: 1, threshold: 1 };
    for (const operation of [{ kind: 'rekey', split } as const, { kind: 'migrate', to: 'shamir', split } as const]) {
      await assert.rejects(seal.begin(operation), { error: 'wrong-state', message: /`kleis rekey --by-seal`/ });
    }
    assert.deepEqual((await site.store.installation())?.recovery, null);
    assert.equal((await seal.status()).operation, undefined);
  });

  it('change the recovery shares of a seal that opens by itself, which open it when it does not', async () => {
    const site = await Site.make();
    const seal = await site.node();
    const first = await site.recovery({ shares: 2, threshold: 2 });
    const rekeyed = await consented(seal, { kind: 'rekey', split: { shares: 3, threshold: 2 } }, first);
    const shares = rekeyed?.shares.map(textOf) ?? [];
    // From now on, others need the consent of these shares, and they stay what they are when the root key changes.
    const { operation } = await seal.begin({ kind: 'rotate-root' });
    assert.equal(operation.required, 2);
    await seal.submit(bytes(shares[0], shares[1]), operation.nonce);

    const away = async () => Promise.reject(new SealError('the HSM does not answer'));
    const locked = await site.node({ open: away });
    assert.equal(await progress(locked), 'sealed 0/2');
    assert.equal((await locked.status()).reason, 'the HSM does not answer; recovery shares are taken');
    await locked.submit(bytes(shares[2], shares[0]));
    assert.equal((await locked.kek((keyring) => keyring.primary()))?.generation, 2);
    // The way out: another seal.
    const begun = await locked.begin({ kind: 'migrate', to: 'shamir', split: { shares: 2, threshold: 2 } });
    const moved = await locked.submit(bytes(shares[2], shares[1]), begun.operation.nonce);
    assert.equal(moved.completed?.shares.length, 2);
    assert.equal((await site.store.installation())?.recovery, null);
  });

  it('refuse what cannot be', async () => {
    const site = await Site.make();
    const seal = await site.node();
    for (const split of [
      { shares: 2, threshold: 3 },
      { shares: 0, threshold: 0 },
      { shares: 2, threshold: 2, recipients: ['age1'] },
      { shares: 1, threshold: 1, recipients: ['no key'] },
    ]) {
      await assert.rejects(seal.begin({ kind: 'rekey', split }), { error: 'invalid-field' });
    }
    await assert.rejects(seal.begin({ kind: 'migrate', to: 'shamir' }), { error: 'invalid-field' });
    await assert.rejects(seal.begin({ kind: 'migrate', to: 'passphrase' }), { error: 'wrong-state' });
    await seal.seal({ all: false });
    await assert.rejects(seal.begin({ kind: 'rotate-root' }), { error: 'sealed' });
  });

  it('are followed by the other nodes of a seal that opens by itself', async () => {
    const site = await Site.make();
    const [one, other] = [await site.node(), await site.node()];
    await one.begin({ kind: 'rotate-root' });
    assert.equal((await other.kek((keyring) => keyring.primary(1)))?.generation, 2);
    assert.equal((await other.status()).state, 'unsealed');
  });

  it('have the other nodes of a seal with shares become sealed, and say why', async () => {
    const site = await Site.make({ shares: 2, threshold: 2 });
    const [one, other] = [await site.node(), await site.node()];
    for (const node of [one, other]) await node.submit(bytes(...site.shares));
    await consented(one, { kind: 'rotate-root' }, site.shares);
    await assert.rejects(
      other.kek((keyring) => keyring.primary(1)),
      SealError,
    );
    const { state, reason } = await other.status();
    assert.equal(state, 'sealed');
    assert.match(reason ?? '', /another node has replaced the root key/);
  });

  it('leave what was where another node changes the keyring meanwhile', async () => {
    const site = await Site.make();
    const [one, other] = [await site.node(), await site.node()];
    const replace = site.store.replaceRoot.bind(site.store);
    site.store.replaceRoot = async (change) => {
      await other.kek((keyring) => keyring.primary(1));
      await replace(change);
    };
    await assert.rejects(one.begin({ kind: 'rotate-root' }), { error: 'wrong-state' });
    assert.equal((await one.kek((keyring) => keyring.primary()))?.generation, 2);
    assert.equal((await one.status()).operation, undefined);
  });

  it('find out what became of a change whose answer was lost', async () => {
    const site = await Site.make();
    const seal = await site.node();
    const replace = site.store.replaceRoot.bind(site.store);
    site.store.replaceRoot = async (change) => {
      await replace(change);
      throw new Error('the connection was lost');
    };
    await seal.begin({ kind: 'rotate-root' });
    assert.equal((await seal.kek((keyring) => keyring.primary()))?.generation, 2);
    site.store.replaceRoot = async () => Promise.reject(new Error('the connection was lost'));
    await assert.rejects(seal.begin({ kind: 'rotate-root' }), /connection was lost/);
    assert.equal((await seal.kek((keyring) => keyring.primary()))?.generation, 2);
  });
});
