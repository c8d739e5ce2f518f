import assert from 'node:assert/strict';
import { createHmac, createPublicKey, verify as verifyWithNode } from 'node:crypto';
import { decrypt } from '../../../src/operations/decrypt.ts';
import { destroy } from '../../../src/operations/destroy.ts';
import { encrypt } from '../../../src/operations/encrypt.ts';
import { get } from '../../../src/operations/get.ts';
import { getAttributes } from '../../../src/operations/get-attributes.ts';
import { importObject } from '../../../src/operations/import.ts';
import { mac } from '../../../src/operations/mac.ts';
import { macVerify } from '../../../src/operations/mac-verify.ts';
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
  ValidityIndicator,
} from '../../../ttlv/tables/enums.ts';
import { aesKey, anyUse, newActiveKey, newPair, registered } from '../../support/managed.ts';
import { item, resultOf, START, TestNode, type User } from '../../support/node.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const since = START - 10;
const usable = [
  { key: 'CryptographicUsageMask', value: anyUse },
  { key: 'ActivationDate', value: since },
] as const;
const cbc = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
const gcm = { blockCipherMode: BlockCipherMode.GCM, tagLength: 16 };
const hmac = { cryptographicAlgorithm: CryptographicAlgorithm.HMAC_SHA256 };
const ended = 'invalid-correlation-value';

// Test case 5 of McGrew and Viega, The Galois/Counter Mode of Operation (GCM).
const vector = {
  key: hex('feffe9928665731c6d6a8f9467308308'),
  ivCounterNonce: hex('cafebabefacedbad'),
  authenticatedEncryptionAdditionalData: hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
  plain: hex(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  ),
  sealed: hex(
    '61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598',
  ),
  tag: hex('3612d2e79e3b0785561be14aaca2fccb'),
};
const { ivCounterNonce, authenticatedEncryptionAdditionalData } = vector;

async function begun(user: User, uniqueIdentifier: string, data = Buffer.alloc(8)): Promise<Buffer> {
  const request = { uniqueIdentifier, data, cryptographicParameters: cbc, initIndicator: true };
  const { correlationValue } = await user.ask(encrypt, request);
  return correlationValue ?? assert.fail('no Correlation Value');
}

async function withGcmKey(version?: 13 | 14 | 21): Promise<{ alice: User; id: string }> {
  const alice = (await TestNode.open()).as('alice', version);
  return { alice, id: await registered(alice, aesKey(vector.key), ...usable) };
}

describe('operations in several parts', () => {
  it('encrypt with GCM as the standard vector has it, the tag last', async () => {
    const { alice, id } = await withGcmKey();
    const first = await alice.ask(encrypt, {
      uniqueIdentifier: id,
      data: vector.plain.subarray(0, 5),
      cryptographicParameters: gcm,
      ivCounterNonce,
      authenticatedEncryptionAdditionalData,
      initIndicator: true,
    });
    const { correlationValue } = first;
    assert.ok(correlationValue);
    const second = await alice.ask(encrypt, {
      uniqueIdentifier: id,
      data: vector.plain.subarray(5, 40),
      correlationValue,
    });
    assert.deepEqual(second.correlationValue, correlationValue);
    const third = await alice.ask(encrypt, {
      uniqueIdentifier: id,
      data: vector.plain.subarray(40),
      correlationValue,
      finalIndicator: true,
    });
    assert.equal(third.correlationValue, undefined);
    assert.deepEqual(third.authenticatedEncryptionTag, vector.tag);
    const parts = [first, second, third].map(({ data }) => data ?? Buffer.alloc(0));
    assert.deepEqual(Buffer.concat(parts), vector.sealed);
  });

  it('have the tag at the end of the data in 1.3, which has no field for it', async () => {
    const { alice, id } = await withGcmKey(13);
    const start = { uniqueIdentifier: id, cryptographicParameters: gcm, ivCounterNonce, initIndicator: true };
    const { correlationValue } = await alice.ask(encrypt, start);
    assert.ok(correlationValue);
    const end = { uniqueIdentifier: id, data: vector.plain, correlationValue, finalIndicator: true };
    const { data: sealed } = await alice.ask(encrypt, end);
    assert.equal(sealed?.length, vector.plain.length + 16);
    const again = await alice.ask(decrypt, { ...start, data: sealed.subarray(0, 70) });
    assert.ok(again.correlationValue);
    const rest = { uniqueIdentifier: id, data: sealed.subarray(70), finalIndicator: true };
    const last = await alice.ask(decrypt, { ...rest, correlationValue: again.correlationValue });
    assert.deepEqual(Buffer.concat([again.data ?? Buffer.alloc(0), last.data ?? Buffer.alloc(0)]), vector.plain);
  });

  it('fail in the last part where what was decrypted is not genuine', async () => {
    const { alice, id } = await withGcmKey();
    const { correlationValue, data } = await alice.ask(decrypt, {
      uniqueIdentifier: id,
      data: vector.sealed,
      cryptographicParameters: gcm,
      ivCounterNonce,
      authenticatedEncryptionAdditionalData,
      authenticatedEncryptionTag: Buffer.alloc(16),
      initIndicator: true,
    });
    assert.deepEqual(data, vector.plain);
    assert.ok(correlationValue);
    await alice.fails('crypto-failed', decrypt, { uniqueIdentifier: id, correlationValue, finalIndicator: true });
  });

  it('answer the vector that the server made with the first part', async () => {
    const { alice, id } = await withGcmKey();
    const start = { uniqueIdentifier: id, data: Buffer.from('ab'), cryptographicParameters: gcm, initIndicator: true };
    const first = await alice.ask(encrypt, start);
    assert.equal(first.ivCounterNonce?.length, 12);
    assert.ok(first.correlationValue);
    const { correlationValue } = first;
    const last = await alice.ask(encrypt, { uniqueIdentifier: id, correlationValue, finalIndicator: true });
    assert.equal(last.ivCounterNonce, undefined);
    const opened = await alice.ask(decrypt, {
      uniqueIdentifier: id,
      data: first.data ?? Buffer.alloc(0),
      cryptographicParameters: gcm,
      ivCounterNonce: first.ivCounterNonce,
      authenticatedEncryptionTag: last.authenticatedEncryptionTag ?? Buffer.alloc(0),
    });
    assert.equal(opened.data?.toString(), 'ab');
  });

  it('make and verify MACs, the MAC in the first part or in the last one', async () => {
    const { alice, id } = await withGcmKey();
    const start = {
      uniqueIdentifier: id,
      data: Buffer.from('one'),
      cryptographicParameters: hmac,
      initIndicator: true,
    };
    const { correlationValue } = await alice.ask(mac, start);
    assert.ok(correlationValue);
    const end = { uniqueIdentifier: id, data: Buffer.from('two'), finalIndicator: true };
    const { macData } = await alice.ask(mac, { ...end, correlationValue });
    assert.deepEqual(macData, createHmac('sha256', vector.key).update('onetwo').digest());
    const verified = async (inFirst: { macData?: Buffer }, inLast: { macData?: Buffer }) => {
      const first = await alice.ask(macVerify, { ...start, ...inFirst });
      assert.equal(first.validityIndicator, undefined);
      assert.ok(first.correlationValue);
      const last = await alice.ask(macVerify, { ...end, ...inLast, correlationValue: first.correlationValue });
      return last.validityIndicator;
    };
    assert.ok(macData);
    assert.equal(await verified({ macData }, {}), ValidityIndicator.Valid);
    assert.equal(await verified({}, { macData }), ValidityIndicator.Valid);
    assert.equal(await verified({ macData: Buffer.alloc(32) }, {}), ValidityIndicator.Invalid);
  });

  it('sign, so that others can verify it, and verify', async () => {
    const alice = (await TestNode.open()).as('alice');
    const pair = await newPair(alice, { common: [{ key: 'ActivationDate', value: since }] });
    const cryptographicParameters = { hashingAlgorithm: HashingAlgorithm.SHA_256 };
    const start = { data: Buffer.from('one'), cryptographicParameters, initIndicator: true };
    const end = { data: Buffer.from('two'), finalIndicator: true };
    const signing = await alice.ask(sign, { uniqueIdentifier: pair.privateKey, ...start });
    assert.equal(signing.signatureData, undefined);
    assert.ok(signing.correlationValue);
    const { signatureData } = await alice.ask(sign, {
      uniqueIdentifier: pair.privateKey,
      ...end,
      correlationValue: signing.correlationValue,
    });
    assert.ok(signatureData);
    const { object } = await alice.ask(get, { uniqueIdentifier: pair.publicKey });
    const keyValue = 'keyBlock' in object ? object.keyBlock.keyValue : undefined;
    assert.ok(keyValue !== undefined && 'keyMaterial' in keyValue && Buffer.isBuffer(keyValue.keyMaterial));
    const publicKey = createPublicKey({ key: keyValue.keyMaterial, format: 'der', type: 'spki' });
    assert.ok(verifyWithNode('sha256', Buffer.from('onetwo'), publicKey, signatureData));
    const verified = async (message: string) => {
      const first = await alice.ask(signatureVerify, { uniqueIdentifier: pair.publicKey, ...start, signatureData });
      assert.equal(first.validityIndicator, undefined);
      assert.ok(first.correlationValue);
      const { correlationValue } = first;
      const last = { uniqueIdentifier: pair.publicKey, data: Buffer.from(message), finalIndicator: true };
      const { validityIndicator } = await alice.ask(signatureVerify, { ...last, correlationValue });
      return validityIndicator;
    };
    assert.equal(await verified('two'), ValidityIndicator.Valid);
    assert.equal(await verified('three'), ValidityIndicator.Invalid);
  });

  it('are no longer possible once the key is revoked', async () => {
    const { alice, id } = await withGcmKey();
    const correlationValue = await begun(alice, id);
    const revocationReason = { revocationReasonCode: RevocationReasonCode.Unspecified };
    await alice.ask(revoke, { uniqueIdentifier: id, revocationReason });
    await alice.fails('wrong-state', encrypt, { uniqueIdentifier: id, correlationValue, finalIndicator: true });
  });

  it('end when another key comes in the place of theirs', async () => {
    const { alice, id } = await withGcmKey();
    const start = { uniqueIdentifier: id, data: vector.sealed, cryptographicParameters: gcm, ivCounterNonce };
    const { correlationValue } = await alice.ask(decrypt, { ...start, initIndicator: true });
    assert.ok(correlationValue);
    const revocationReason = { revocationReasonCode: RevocationReasonCode.Unspecified };
    await alice.ask(revoke, { uniqueIdentifier: id, revocationReason });
    await alice.ask(destroy, { uniqueIdentifier: id });
    await alice.ask(importObject, {
      uniqueIdentifier: id,
      objectType: 2,
      replaceExisting: true,
      attributes: [...usable],
      object: aesKey(Buffer.alloc(16, 1)),
    });
    await alice.fails(ended, decrypt, {
      uniqueIdentifier: id,
      data: vector.tag,
      correlationValue,
      finalIndicator: true,
    });
  });

  it('are gone on with by who began them alone, with the same operation and key', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const id = await newActiveKey(alice, since);
    const other = await newActiveKey(alice, since);
    await node.grant(id, 'bob', 'Encrypt');
    const correlationValue = await begun(alice, id);
    const last = { uniqueIdentifier: id, correlationValue, finalIndicator: true };
    await node.as('bob').fails(ended, encrypt, last);
    await node.as('mallory').fails('not-found', encrypt, last);
    await alice.fails(ended, decrypt, last);
    await alice.fails(ended, encrypt, { ...last, uniqueIdentifier: other });
    await alice.fails(ended, encrypt, { ...last, correlationValue: Buffer.alloc(16) });
    const { data } = await alice.ask(encrypt, last);
    assert.equal(data?.length, 16);
    await alice.fails(ended, encrypt, last);
  });

  it('are forgotten after ten minutes without a part', async () => {
    const node = await TestNode.open();
    const alice = node.as('alice');
    const id = await newActiveKey(alice, since);
    const value = await begun(alice, id);
    node.now += 599;
    await alice.ask(encrypt, { uniqueIdentifier: id, data: Buffer.alloc(1), correlationValue: value });
    node.now += 599;
    await alice.ask(encrypt, { uniqueIdentifier: id, data: Buffer.alloc(1), correlationValue: value });
    node.now += 600;
    await alice.fails(ended, encrypt, { uniqueIdentifier: id, data: Buffer.alloc(1), correlationValue: value });
  });

  it('cannot be begun without end, by one for all', async () => {
    const node = await TestNode.open();
    const [alice, bob] = [node.as('alice'), node.as('bob')];
    const id = await newActiveKey(alice, since);
    for (let count = 0; count < 64; count += 1) await begun(alice, id);
    const one = { uniqueIdentifier: id, cryptographicParameters: cbc, initIndicator: true };
    await alice.fails('limit-exceeded', encrypt, one);
    await begun(bob, await newActiveKey(bob, since));
    node.now += 600;
    await begun(alice, id);
  });

  it('lower Usage Limits by the bytes of each part', async () => {
    const alice = (await TestNode.open()).as('alice');
    const limits = { usageLimitsTotal: 20n, usageLimitsUnit: UsageLimitsUnit.Byte };
    const id = await newActiveKey(alice, since, { key: 'UsageLimits', value: limits });
    const correlationValue = await begun(alice, id, Buffer.alloc(8));
    await alice.ask(encrypt, { uniqueIdentifier: id, data: Buffer.alloc(8), correlationValue });
    assert.equal(await usageLeft(alice, id), 4n);
    await alice.fails('usage-exceeded', encrypt, { uniqueIdentifier: id, data: Buffer.alloc(5), correlationValue });
  });

  it('lower Usage Limits by one, however many parts there are', async () => {
    const alice = (await TestNode.open()).as('alice');
    const limits = { usageLimitsTotal: 2n, usageLimitsUnit: UsageLimitsUnit.Object };
    const id = await newActiveKey(alice, since, { key: 'UsageLimits', value: limits });
    const correlationValue = await begun(alice, id);
    await alice.ask(encrypt, { uniqueIdentifier: id, data: Buffer.alloc(8), correlationValue });
    await alice.ask(encrypt, { uniqueIdentifier: id, correlationValue, finalIndicator: true });
    assert.equal(await usageLeft(alice, id), 1n);
  });

  it('come in their sequence, with data but in the first part and the last', async () => {
    const { alice, id } = await withGcmKey();
    const start = { uniqueIdentifier: id, cryptographicParameters: cbc };
    await alice.fails('missing-data', encrypt, { ...start, finalIndicator: true });
    const { correlationValue } = await alice.ask(encrypt, { ...start, initIndicator: true });
    assert.ok(correlationValue);
    await alice.fails('missing-data', encrypt, { ...start, correlationValue });
    await alice.fails('invalid-field', encrypt, { ...start, correlationValue, initIndicator: true });
    const pair = await newPair(alice, { common: [{ key: 'ActivationDate', value: since }] });
    const digest = { uniqueIdentifier: pair.privateKey, digestedData: Buffer.alloc(32), initIndicator: true };
    await alice.fails('invalid-field', sign, digest);
  });

  it('are one where both indicators are True', async () => {
    const { alice, id } = await withGcmKey();
    const whole = { uniqueIdentifier: id, data: Buffer.alloc(8), cryptographicParameters: cbc };
    const { data, correlationValue } = await alice.ask(encrypt, {
      ...whole,
      initIndicator: true,
      finalIndicator: true,
    });
    assert.equal(data?.length, 16);
    assert.equal(correlationValue, undefined);
  });

  it('have no place in a batch with Undo, which could not take them back', async () => {
    const { alice, id } = await withGcmKey();
    const start = { uniqueIdentifier: id, cryptographicParameters: cbc, initIndicator: true };
    const items = [item(getAttributes, { uniqueIdentifier: id, attributeReferences: [] }), item(encrypt, start)];
    const outcomes = await alice.batch(items, { continuation: 'undo' });
    assert.deepEqual(outcomes.map(resultOf), ['undone', 'feature-not-supported']);
  });
});

async function usageLeft(user: User, uniqueIdentifier: string): Promise<bigint | undefined> {
  const { attributes } = await user.ask(getAttributes, { uniqueIdentifier, attributeReferences: ['UsageLimits'] });
  return (attributes[0]?.value as { usageLimitsCount?: bigint } | undefined)?.usageLimitsCount;
}
