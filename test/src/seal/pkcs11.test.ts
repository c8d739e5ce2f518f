import assert from 'node:assert/strict';
import { Secret } from '../../../src/crypto/secret.ts';
import { Pkcs11Seal } from '../../../src/seal/pkcs11.ts';
import { library, makeKey, makeToken, missingForTokens, openLibrary, pin } from '../../support/softhsm.ts';

const ID = 'e0b1a9f6-6c3f-4f8e-9d53-0f9d3c9f9a51';
const rootKey = new Secret(Buffer.alloc(32, 7));
const TOKEN = 'kleis seal';

describe('pkcs11 seal', function () {
  this.timeout(20_000);

  before(async function () {
    const missing = missingForTokens();
    if (missing !== undefined) {
      console.log(`      left out, for want of ${missing}: the seal pkcs11`);
      this.skip();
    }
    await makeToken(TOKEN);
    for (const label of ['made before', 'twice', 'twice']) await makeKey(TOKEN, label);
  });

  const seal = (options: { token?: string; slot?: number; pin?: string; key?: string; library?: string } = {}) =>
    new Pkcs11Seal({
      library,
      token: TOKEN,
      key: 'root',
      ...options,
      pin: new Secret(Buffer.from(options.pin ?? pin)),
    });

  it('wraps the root key with a key that it makes in the token, and opens it again', async () => {
    const sealed = { id: ID, ...(await seal().wrap(ID, rootKey)) };
    assert.equal(sealed.wrapped.includes(rootKey.expose()), false);
    assert.deepEqual((await seal().unwrap(sealed)).expose(), rootKey.expose());
    const { pkcs11, module } = await openLibrary();
    const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === TOKEN);
    assert(slot);
    const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION);
    module.C_Login(session, pkcs11.CKU_USER, pin);
    module.C_FindObjectsInit(session, [{ type: pkcs11.CKA_LABEL, value: 'root' }]);
    const [key, another] = module.C_FindObjects(session, 2);
    module.C_FindObjectsFinal(session);
    assert(key);
    assert.equal(another, undefined);
    const asked = [pkcs11.CKA_EXTRACTABLE, pkcs11.CKA_NEVER_EXTRACTABLE, pkcs11.CKA_LOCAL, pkcs11.CKA_VALUE_LEN];
    const values = module.C_GetAttributeValue(
      session,
      key,
      asked.map((type) => ({ type })),
    );
    assert.deepEqual(
      values.map(({ value }) => Buffer.from(value as Buffer).readUInt8()),
      [0, 1, 1, 32],
    );
    assert.throws(() => module.C_GetAttributeValue(session, key, [{ type: pkcs11.CKA_VALUE }]), /SENSITIVE/);
    module.C_CloseSession(session);
  });

  it('uses a key that is there, and opens with the one that wrapped, whatever the settings say by then', async () => {
    const sealed = { id: ID, ...(await seal({ key: 'made before' }).wrap(ID, rootKey)) };
    assert.deepEqual(JSON.parse(sealed.parameters), { mechanism: 'CKM_AES_GCM', key: 'made before' });
    assert.deepEqual((await seal({ key: 'another' }).unwrap(sealed)).expose(), rootKey.expose());
  });

  it('finds the token by the number of its slot', async () => {
    const { module } = await openLibrary();
    const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === TOKEN);
    assert(slot);
    const sealed = { id: ID, ...(await seal().wrap(ID, rootKey)) };
    const number = Number(slot.readBigUInt64LE());
    assert.deepEqual((await seal({ token: '', slot: number }).unwrap(sealed)).expose(), rootKey.expose());
    await assert.rejects(seal({ token: '', slot: number + 1 }).unwrap(sealed), {
      name: 'SealError',
      message: /in slot \d+ failed: CKR_SLOT_ID_INVALID/,
    });
  });

  it('logs in again when the HSM has lost every session, and when its library was shut down', async () => {
    const one = seal();
    const sealed = { id: ID, ...(await one.wrap(ID, rootKey)) };
    const { module } = await openLibrary();
    for (const slot of module.C_GetSlotList(true)) module.C_CloseAllSessions(slot);
    assert.deepEqual((await one.unwrap(sealed)).expose(), rootKey.expose());
    module.C_Finalize();
    assert.deepEqual((await one.unwrap(sealed)).expose(), rootKey.expose());
  });

  it('opens no row of another installation, none that was changed, none of another key', async () => {
    const sealed = { id: ID, ...(await seal().wrap(ID, rootKey)) };
    const flipped = Buffer.from(sealed.wrapped);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    for (const change of [
      { id: crypto.randomUUID() },
      { wrapped: flipped },
      { wrapped: Buffer.alloc(0) },
      { parameters: JSON.stringify({ mechanism: 'CKM_AES_GCM', key: 'made before' }) },
      { parameters: '{}' },
      { parameters: '' },
    ]) {
      await assert.rejects(seal().unwrap({ ...sealed, ...change }), { name: 'SealError' });
    }
  });

  for (const [what, options, message] of [
    ['the token is away', { token: 'gone' }, /there is no PKCS#11 token with the label gone/],
    ['the PIN is wrong', { pin: '654321' }, /failed: CKR_PIN_INCORRECT/],
    ['the library is missing', { library: '/nowhere/pkcs11.so' }, /nowhere|No such file|cannot open/i],
    ['there are two keys of the label', { key: 'twice' }, /several AES keys with the label twice/],
  ] as const) {
    it(`says so when ${what}`, async () => {
      // A token that somebody is logged in to lets everybody of the process in.
      const { module } = await openLibrary();
      for (const slot of module.C_GetSlotList(true)) module.C_CloseAllSessions(slot);
      await assert.rejects(seal(options).wrap(ID, rootKey), (error: Error) => {
        assert.equal(error.name, 'SealError');
        assert.match(error.message, /^the HSM does not open the seal: /);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /654321/);
        return true;
      });
    });
  }

  it('refuses a key that can leave the HSM', async () => {
    const { pkcs11, module } = await openLibrary();
    const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === TOKEN);
    assert(slot);
    const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
    module.C_Login(session, pkcs11.CKU_USER, pin);
    module.C_GenerateKey(session, { mechanism: pkcs11.CKM_AES_KEY_GEN }, [
      { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
      { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
      { type: pkcs11.CKA_LABEL, value: 'loose' },
      { type: pkcs11.CKA_VALUE_LEN, value: 32 },
      { type: pkcs11.CKA_TOKEN, value: true },
      { type: pkcs11.CKA_EXTRACTABLE, value: true },
      { type: pkcs11.CKA_ENCRYPT, value: true },
      { type: pkcs11.CKA_DECRYPT, value: true },
    ]);
    module.C_CloseSession(session);
    await assert.rejects(seal({ key: 'loose' }).wrap(ID, rootKey), /the key loose can leave the HSM/);
  });
});
