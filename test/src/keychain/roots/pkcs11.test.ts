import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { KeyChain } from '../../../../src/keychain/key-chain.ts';
import { Pkcs11Root } from '../../../../src/keychain/roots/pkcs11.ts';
import { failing, MemoryChainStore } from '../../../support/keychain.ts';
import { library, makeKey, makeToken, missingForTokens, openLibrary, pin } from '../../../support/softhsm.ts';

describe('keychain/roots/pkcs11', () => {
  const options = { library, token: 'kleis keychain', pin, key: 'root' };

  before(async function () {
    const missing = missingForTokens();
    if (missing !== undefined) {
      console.log(`      left out, for want of ${missing}: key chains sealed by a PKCS#11 token`);
      this.skip();
    }
    await makeToken(options.token);
    for (const label of ['root', 'other', 'twice', 'twice']) await makeKey(options.token, label);
  });

  it('seals a chain, and opens it again', async () => {
    const store = new MemoryChainStore();
    const chain = await KeyChain.open({ root: new Pkcs11Root(options), store });
    const encrypted = await chain.encrypt(Buffer.from('attack at dawn'));
    await chain.rotate();
    const other = await KeyChain.open({ root: new Pkcs11Root(options), store });
    assert.equal((await other.decrypt(encrypted)).toString(), 'attack at dawn');
  });

  it('does not open what another key sealed, another context, or a changed or short one', async () => {
    const root = new Pkcs11Root(options);
    const [key, context] = [Buffer.alloc(32, 7), Buffer.from('chain')];
    const wrapped = await root.wrap(key, context);
    assert.deepEqual(await root.unwrap(wrapped, context), key);
    const other = new Pkcs11Root({ ...options, key: 'other' });
    await assert.rejects(other.unwrap(wrapped, context), failing('wrong-root'));
    await assert.rejects(root.unwrap(wrapped, Buffer.from('other')), failing('wrong-root'));
    await assert.rejects(root.unwrap(wrapped.subarray(0, 20), context), failing('wrong-root'));
    for (const at of [0, 12, 43, 44, 59]) {
      const changed = Buffer.from(wrapped);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await assert.rejects(root.unwrap(changed, context), failing('wrong-root'));
    }
    assert.deepEqual(await root.unwrap(wrapped, context), key);
  });

  it('seals the same key to something else each time', async () => {
    const root = new Pkcs11Root(options);
    const [key, context] = [Buffer.alloc(32, 7), Buffer.from('chain')];
    assert.notDeepEqual(await root.wrap(key, context), await root.wrap(key, context));
  });

  for (const [what, changed, message] of [
    ['a token that is not there', { token: 'gone' }, /no PKCS#11 token with the label gone/],
    ['a key that is not there', { key: 'gone' }, /no AES key with the label gone/],
    ['a label of two keys', { key: 'twice' }, /several AES keys with the label twice/],
    ['a library that is not there', { library: '/nowhere/pkcs11.so' }, /the PKCS#11 token kleis keychain failed/],
  ] as const) {
    it(`says what is wrong: ${what}`, async () => {
      const root = new Pkcs11Root({ ...options, ...changed });
      await assert.rejects(root.wrap(Buffer.alloc(32), Buffer.from('chain')), (error: Error) => {
        assert.match(error.message, message);
        return failing('root-unavailable')(error);
      });
    });
  }

  it('says that the PIN is wrong, without showing it', async () => {
    const { module } = await openLibrary();
    // Whoever has logged in stays so for the whole process, unless all sessions end.
    for (const slot of module.C_GetSlotList(true)) module.C_CloseAllSessions(slot);
    const root = new Pkcs11Root({ ...options, pin: 'secret-999' });
    await assert.rejects(root.wrap(Buffer.alloc(32), Buffer.from('chain')), (error: Error) => {
      assert.match(error.message, /CKR_PIN_INCORRECT/);
      assert.doesNotMatch(inspect(error), /secret-999/);
      return failing('root-unavailable')(error);
    });
  });

  it('logs in again where the token has lost its sessions, or the library was shut down', async () => {
    const root = new Pkcs11Root(options);
    const wrapped = await root.wrap(Buffer.alloc(32, 7), Buffer.from('chain'));
    const { module } = await openLibrary();
    for (const slot of module.C_GetSlotList(true)) module.C_CloseAllSessions(slot);
    await root.unwrap(wrapped, Buffer.from('chain'));
    module.C_Finalize();
    assert.deepEqual(await root.unwrap(wrapped, Buffer.from('chain')), Buffer.alloc(32, 7));
  });
});
