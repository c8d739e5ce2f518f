import assert from 'node:assert/strict';
import { ItemType } from '../../ttlv/item.ts';
import {
  attributeNameOf,
  enumerationCode,
  enumerationName,
  maskBit,
  maskNames,
  meaningOf,
  normalizeName,
  tagByName,
} from '../../ttlv/names.ts';
import { BlockCipherMode, CryptographicAlgorithm, enumInfo, HashingAlgorithm } from '../../ttlv/tables/enums.ts';
import { Tag, tagInfo } from '../../ttlv/tables/tags.ts';

describe('normalizeName', () => {
  const rows = [
    ['Symmetric Key', 'SymmetricKey'],
    ['Re-key Key Pair', 'ReKeyKeyPair'],
    ['X.509 Certificate Issuer', 'X_509CertificateIssuer'],
    ['PKCS#1', 'PKCS_1'],
    ['IV/Counter/Nonce', 'IVCounterNonce'],
    ['3DES', 'DES3'],
    ['P-256', 'P_256'],
    ['RSASSA-PSS (PKCS#1 v2.1)', 'RSASSA_PSSPKCS_1V2_1'],
    ['Activation   Date', 'ActivationDate'],
    ['', ''],
  ] as const;
  for (const [text, name] of rows) it(`makes ${name} of "${text}"`, () => assert.equal(normalizeName(text), name));

  it('gives the names of the tables from the texts of the specification', () => {
    for (const { name, text } of tagInfo.values()) assert.equal(normalizeName(text), name);
    for (const { name: table, byCode } of Object.values(enumInfo)) {
      // PKCS#11 return codes are named without their prefix, CKR_OK is OK.
      if (table === 'PKCS_11ReturnCode') continue;
      for (const { name, text } of byCode.values()) assert.equal(normalizeName(text), name);
    }
  });
});

describe('names', () => {
  it('of tags are found in every form, and only those', () => {
    for (const name of ['CryptographicUsageMask', 'Cryptographic Usage Mask', '0x42002C', '0x42002c']) {
      assert.equal(tagByName(name), Tag.CryptographicUsageMask);
    }
    assert.equal(tagByName('0x54FFFF'), 0x54ffff);
    for (const name of ['', 'Nonsense', 'constructor', '0x42', '42002C']) assert.equal(tagByName(name), undefined);
  });

  it('of enumerations are found by the tag, also by aliases and under borrowed tags', () => {
    assert.equal(enumerationCode(Tag.HashingAlgorithm, 'SHA3_256'), HashingAlgorithm.SHA3_256);
    assert.equal(enumerationCode(Tag.HashingAlgorithm, 'SHA_3_256'), HashingAlgorithm.SHA3_256);
    assert.equal(enumerationCode(Tag.MaskGeneratorHashingAlgorithm, 'SHA_256'), HashingAlgorithm.SHA_256);
    assert.equal(enumerationCode(Tag.AttributeReference, 'State'), Tag.State);
    assert.equal(enumerationCode(Tag.BlockCipherMode, 'AES'), undefined);
    assert.equal(enumerationCode(Tag.NameValue, 'AES'), undefined);
    assert.equal(enumerationName(Tag.BlockCipherMode, BlockCipherMode.GCM), 'GCM');
    assert.equal(enumerationName(Tag.AttributeReference, Tag.State), 'State');
    assert.equal(enumerationName(Tag.BlockCipherMode, 0x80000001), undefined);
  });

  it('of masks are found by the tag, and bits without a name are left', () => {
    assert.deepEqual(maskNames(Tag.CryptographicUsageMask, 0x0c), { names: ['Encrypt', 'Decrypt'], rest: 0 });
    assert.deepEqual(maskNames(Tag.StorageStatusMask, 0x11), { names: ['OnLineStorage'], rest: 0x10 });
    assert.deepEqual(maskNames(Tag.BatchCount, 3), { names: [], rest: 3 });
    assert.equal(maskBit(Tag.CryptographicUsageMask, 'ContentCommitmentNonRepudiation'), 0x400);
    assert.equal(maskBit(Tag.StorageStatusMask, 'Encrypt'), undefined);
  });

  it('of attributes tell what an Attribute Value means', () => {
    const value = 'Cryptographic Algorithm';
    const name = attributeNameOf([{ tag: Tag.AttributeName, type: ItemType.TextString, value }]);
    assert.equal(meaningOf(Tag.AttributeValue, name), Tag.CryptographicAlgorithm);
    assert.equal(enumerationName(meaningOf(Tag.AttributeValue, name), CryptographicAlgorithm.AES), 'AES');
    assert.equal(meaningOf(Tag.AttributeValue, 'x-Custom'), Tag.AttributeValue);
    assert.equal(meaningOf(Tag.AttributeIndex, name), Tag.AttributeIndex);
  });
});
