import assert from 'node:assert/strict';
import type { GivenAttribute } from '../../../src/kmip/attribute-set.ts';
import { check } from '../../../src/operations/check.ts';
import { decrypt } from '../../../src/operations/decrypt.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { encrypt } from '../../../src/operations/encrypt.ts';
import { exportObject } from '../../../src/operations/export.ts';
import { get } from '../../../src/operations/get.ts';
import { mac } from '../../../src/operations/mac.ts';
import { macVerify } from '../../../src/operations/mac-verify.ts';
import type { AnyOperation } from '../../../src/operations/operation.ts';
import { revoke } from '../../../src/operations/revoke.ts';
import { sign } from '../../../src/operations/sign.ts';
import { signatureVerify } from '../../../src/operations/signature-verify.ts';
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  HashingAlgorithm,
  PaddingMethod,
  RevocationReasonCode,
  UsageLimitsUnit,
  WrappingMethod,
} from '../../../ttlv/tables/enums.ts';
import { CryptographicUsageMask as Mask } from '../../../ttlv/tables/masks.ts';
import { located, newActiveKey, newKey, newPair, shown } from '../../support/managed.ts';
import { item, resultOf, START, TestNode, type User } from '../../support/node.ts';

const ecb = { blockCipherMode: BlockCipherMode.ECB, paddingMethod: PaddingMethod.None };
const data = Buffer.alloc(16, 1);
const protecting = (id: string) => ({ uniqueIdentifier: id, data, cryptographicParameters: ecb });
const usageMask = (value: number) => ({ key: 'CryptographicUsageMask', value }) as const;
const since = { key: 'ActivationDate', value: START - 1 } as const;
const ecdsa = { hashingAlgorithm: HashingAlgorithm.SHA_256 };
const revocation = (revocationReasonCode: RevocationReasonCode) => ({ revocationReason: { revocationReasonCode } });

async function opened() {
  const node = await TestNode.open();
  return { node, user: node.as('alice') };
}

/** A use of a key: the operation, its request, and a key with nothing but one bit in its usage mask. */
interface Use {
  readonly operation: AnyOperation;
  readonly protects: boolean;
  readonly payload: (uniqueIdentifier: string) => object;
  readonly key: (user: User, ...attributes: GivenAttribute[]) => Promise<string>;
  readonly bit: number;
}

const hmacKey = (user: User, ...attributes: GivenAttribute[]) =>
  newKey(
    user,
    { key: 'CryptographicAlgorithm', value: CryptographicAlgorithm.HMAC_SHA256 },
    { key: 'CryptographicLength', value: 256 },
    ...attributes,
  );

async function halfOf(
  user: User,
  half: 'privateKey' | 'publicKey',
  attributes: readonly GivenAttribute[],
): Promise<string> {
  const pair = await newPair(user, { [half === 'privateKey' ? 'private' : 'public']: attributes });
  return pair[half];
}

const uses: readonly Use[] = [
  { operation: encrypt, protects: true, payload: protecting, key: newKey, bit: Mask.Encrypt },
  { operation: decrypt, protects: false, payload: protecting, key: newKey, bit: Mask.Decrypt },
  {
    operation: mac,
    protects: true,
    payload: (uniqueIdentifier) => ({ uniqueIdentifier, data }),
    key: hmacKey,
    bit: Mask.MACGenerate,
  },
  {
    operation: macVerify,
    protects: false,
    payload: (uniqueIdentifier) => ({ uniqueIdentifier, data, macData: data }),
    key: hmacKey,
    bit: Mask.MACVerify,
  },
  {
    operation: sign,
    protects: true,
    payload: (uniqueIdentifier) => ({ uniqueIdentifier, data, cryptographicParameters: ecdsa }),
    key: (user, ...attributes) => halfOf(user, 'privateKey', attributes),
    bit: Mask.Sign,
  },
  {
    operation: signatureVerify,
    protects: false,
    payload: (uniqueIdentifier) => ({
      uniqueIdentifier,
      data,
      signatureData: data,
      cryptographicParameters: ecdsa,
    }),
    key: (user, ...attributes) => halfOf(user, 'publicKey', attributes),
    bit: Mask.Verify,
  },
];

describe('the use of keys', () => {
  for (const { operation, protects, payload, key, bit } of uses) {
    describe(`by ${operation.name}`, () => {
      const outcome = async (user: User, id: string) => resultOf((await user.batch([item(operation, payload(id))]))[0]);

      it('needs its bit of the usage mask', async () => {
        const { user } = await opened();
        assert.equal(await outcome(user, await key(user, since, usageMask(bit))), 'success');
        assert.equal(await outcome(user, await key(user, since, usageMask(Mask.Unrestricted))), 'success');
        const others = Object.values(Mask).filter((one) => one !== bit && one !== Mask.Unrestricted);
        const all = others.reduce((mask, one) => mask | one, 0);
        assert.equal(await outcome(user, await key(user, since, usageMask(all))), 'wrong-usage');
        assert.equal(await outcome(user, await key(user, since, usageMask(0))), 'wrong-usage');
      });

      // In 1.x, too, whose tables of the two dates name symmetric keys only (KMIP 1.2, 3.25 and 3.26).
      it(`keeps to the ${protects ? 'Protect Stop Date' : 'Process Start Date'} of a key`, async () => {
        const node = await TestNode.open();
        const user = node.as('alice', 12);
        const date = { key: protects ? 'ProtectStopDate' : 'ProcessStartDate', value: START + 10 } as const;
        const id = await key(user, since, usageMask(bit), date);
        const [before, after] = protects ? ['success', 'wrong-state'] : ['wrong-state', 'success'];
        node.now = START + 9;
        assert.equal(await outcome(user, id), before);
        node.now = START + 10;
        assert.equal(await outcome(user, id), after);
      });

      it(`is possible in the states for ${protects ? 'protecting' : 'processing'} (KMIP 2.1, 4.57)`, async () => {
        const { user } = await opened();
        const { KeyCompromise, Superseded } = RevocationReasonCode;
        const preActive = await key(user, usageMask(bit));
        assert.equal(await outcome(user, preActive), 'wrong-state');
        const later = protects ? 'wrong-state' : 'success';
        const deactivated = await key(user, since, usageMask(bit));
        await user.ask(revoke, { uniqueIdentifier: deactivated, ...revocation(Superseded) });
        assert.equal(await outcome(user, deactivated), later);
        const compromised = await key(user, since, usageMask(bit));
        await user.ask(revoke, { uniqueIdentifier: compromised, ...revocation(KeyCompromise) });
        assert.equal(await outcome(user, compromised), later);
        for (const id of [preActive, deactivated, compromised]) {
          await user.ask(destroy, { uniqueIdentifier: id });
          assert.equal(await outcome(user, id), 'destroyed');
        }
      });
    });
  }

  it('keeps to Process Start Date and Protect Stop Date, to the second', async () => {
    const { node, user } = await opened();
    const start = { key: 'ProcessStartDate', value: START + 10 } as const;
    const stop = { key: 'ProtectStopDate', value: START + 20 } as const;
    const id = await newActiveKey(user, START, start, stop);
    const results = async (second: number) => {
      node.now = START + second;
      const outcomes = await user.batch([item(encrypt, protecting(id)), item(decrypt, protecting(id))], {
        continuation: 'continue',
      });
      return outcomes.map(resultOf);
    };
    assert.deepEqual(await results(9), ['success', 'wrong-state']);
    assert.deepEqual(await results(10), ['success', 'success']);
    assert.deepEqual(await results(19), ['success', 'success']);
    assert.deepEqual(await results(20), ['wrong-state', 'success']);
  });
});

describe('usage limits', () => {
  const limits = (usageLimitsTotal: bigint, usageLimitsUnit: UsageLimitsUnit) =>
    ({ key: 'UsageLimits', value: { usageLimitsTotal, usageLimitsUnit } }) as const;
  const left = async (user: User, id: string) =>
    ((await shown(user, id, 'UsageLimits'))[0] as { usageLimitsCount: bigint }).usageLimitsCount;

  it('hold to the unit under concurrent use', async () => {
    const { user } = await opened();
    const id = await newActiveKey(user, START, limits(10n, UsageLimitsUnit.Object));
    const outcomes = await Promise.all(Array.from({ length: 16 }, () => user.batch([item(encrypt, protecting(id))])));
    const results = outcomes.map(([one]) => resultOf(one)).sort();
    assert.deepEqual(results, [...Array(10).fill('success'), ...Array(6).fill('usage-exceeded')]);
    assert.equal(await left(user, id), 0n);
  });

  it('count bytes that are protected', async () => {
    const { user } = await opened();
    const id = await newActiveKey(user, START, limits(40n, UsageLimitsUnit.Byte));
    await user.ask(encrypt, protecting(id));
    assert.equal(await left(user, id), 24n);
    await user.fails('usage-exceeded', encrypt, { ...protecting(id), data: Buffer.alloc(32) });
    await user.ask(encrypt, protecting(id));
    await user.fails('usage-exceeded', encrypt, protecting(id));
    assert.equal(await left(user, id), 8n);
  });

  it('do not count what only processes, and what fails', async () => {
    const { user } = await opened();
    const id = await newActiveKey(user, START, limits(1n, UsageLimitsUnit.Object));
    await user.ask(decrypt, protecting(id));
    await user.fails('invalid-field', encrypt, { ...protecting(id), data: Buffer.alloc(15) });
    const cbc = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
    await user.fails('bad-parameters', encrypt, {
      ...protecting(id),
      cryptographicParameters: cbc,
      ivCounterNonce: Buffer.alloc(3),
    });
    assert.equal(await left(user, id), 1n);
    await user.ask(encrypt, protecting(id));
    assert.equal(await left(user, id), 0n);
    await user.ask(decrypt, protecting(id));
  });

  it('count keys that are wrapped', async () => {
    const { user } = await opened();
    const id = await newKey(user);
    const wrapping = await newActiveKey(user, START, limits(1n, UsageLimitsUnit.Object));
    const request = wrapped(id, wrapping);
    await user.ask(get, request);
    assert.equal(await left(user, wrapping), 0n);
    await user.fails('usage-exceeded', get, request);
  });

  it('are checked by Check, which uses nothing', async () => {
    const { user } = await opened();
    const id = await newActiveKey(user, START, limits(2n, UsageLimitsUnit.Object));
    await user.ask(check, { uniqueIdentifier: id, usageLimitsCount: 2n });
    await user.fails('usage-exceeded', check, { uniqueIdentifier: id, usageLimitsCount: 3n });
    await user.ask(check, { uniqueIdentifier: await newKey(user), usageLimitsCount: 1000n });
    assert.equal(await left(user, id), 2n);
  });
});

/** Get of a key under another one. */
function wrapped(uniqueIdentifier: string, wrappingKey: string) {
  return {
    uniqueIdentifier,
    keyWrappingSpecification: {
      wrappingMethod: WrappingMethod.Encrypt,
      encryptionKeyInformation: {
        uniqueIdentifier: wrappingKey,
        cryptographicParameters: { blockCipherMode: BlockCipherMode.NISTKeyWrap },
      },
      attributeNames: [],
    },
  } as const;
}

describe('Check', () => {
  it('answers with the identifier alone where the use is allowed', async () => {
    const { user } = await opened();
    const id = await newKey(user, usageMask(Mask.Encrypt));
    for (const wanted of [{}, { cryptographicUsageMask: Mask.Encrypt }, { leaseTime: 3600 }]) {
      assert.deepEqual(await user.ask(check, { uniqueIdentifier: id, ...wanted }), { uniqueIdentifier: id });
    }
    await user.fails('wrong-usage', check, {
      uniqueIdentifier: id,
      cryptographicUsageMask: Mask.Encrypt | Mask.Decrypt,
    });
    await user.fails('not-permitted', check, { uniqueIdentifier: id, leaseTime: 3601 });
  });
});

describe('Sensitive and Extractable', () => {
  const sensitive = { key: 'Sensitive', value: true } as const;
  const kept = { key: 'Extractable', value: false } as const;

  for (const operation of [get, exportObject]) {
    it(`decide what ${operation.name} gives out`, async () => {
      const { user } = await opened();
      const wrapping = await newActiveKey(user, START);
      const [plain, secret, bound] = [await newKey(user), await newKey(user, sensitive), await newKey(user, kept)];
      await user.ask(operation, { uniqueIdentifier: plain });
      await user.fails('sensitive', operation, { uniqueIdentifier: secret });
      await user.ask(operation, wrapped(secret, wrapping));
      await user.fails('not-extractable', operation, { uniqueIdentifier: bound });
      await user.fails('not-extractable', operation, wrapped(bound, wrapping));
    });
  }

  it('do not keep a key from being used', async () => {
    const { user } = await opened();
    const id = await newActiveKey(user, START, sensitive, kept);
    await user.ask(encrypt, protecting(id));
  });
});

describe('Fresh', () => {
  it('ends with the first Get, and not with Export, Locate or a Get that fails', async () => {
    const { user } = await opened();
    const id = await newKey(user);
    const fresh = () => shown(user, id, 'Fresh');
    await user.ask(exportObject, { uniqueIdentifier: id });
    await located(user);
    await user.fails('wrapping-object-not-found', get, wrapped(id, 'there-is-none'));
    assert.deepEqual(await fresh(), [true]);
    await user.ask(get, { uniqueIdentifier: id });
    assert.deepEqual(await fresh(), [false]);
    await user.ask(get, { uniqueIdentifier: id });
    assert.deepEqual(await fresh(), [false]);
  });
});

describe('wrapping keys', () => {
  it('must be able to wrap', async () => {
    const { user } = await opened();
    const id = await newKey(user);
    await user.fails('wrong-state', get, wrapped(id, await newKey(user)));
    await user.fails('wrong-usage', get, wrapped(id, await newActiveKey(user, START, usageMask(Mask.Encrypt))));
    const gone = await newKey(user);
    await user.ask(destroy, { uniqueIdentifier: gone });
    await user.fails('wrapping-object-destroyed', get, wrapped(id, gone));
  });
});
