import assert from 'node:assert/strict';
import { ItemType } from '../../ttlv/item.ts';
import { enumInfo, Operation, State } from '../../ttlv/tables/enums.ts';
import { maskInfo } from '../../ttlv/tables/masks.ts';
import { isDefined } from '../../ttlv/tables/table.ts';
import { enumOfTag, maskOfTag, Tag, tagInfo } from '../../ttlv/tables/tags.ts';
import { LATEST, versions } from '../../ttlv/tables/versions.ts';

describe('the tables of the standard', () => {
  it('have the versions 1.0 to 2.1', () => {
    assert.deepEqual(versions, [10, 11, 12, 13, 14, 20, 21]);
    assert.equal(LATEST, 21);
  });

  // Values looked up by hand in the tables of KMIP 1.0 to 2.1.
  it('have the numbers of the standard', () => {
    assert.equal(Tag.ActivationDate, 0x420001);
    assert.equal(Tag.RequestMessage, 0x420078);
    assert.equal(Tag.ResponseMessage, 0x42007b);
    assert.equal(Tag.IVCounterNonce, 0x42003d);
    assert.equal(Operation.Encrypt, 0x1f);
    assert.equal(State.DestroyedCompromised, 6);
    assert.equal(ItemType.DateTimeExtended, 11);
  });

  it('know type, text and versions of a tag', () => {
    const { name, text, type, since, until, deprecated } = tagInfo.get(Tag.CertificateIdentifier) ?? assert.fail();
    assert.deepEqual([name, text, type], ['CertificateIdentifier', 'Certificate Identifier', ItemType.Structure]);
    assert.deepEqual([since, until, deprecated], [10, 14, 11]);
    assert.equal(tagInfo.get(Tag.KeyMaterial)?.type, undefined);
  });

  it('know the enumeration or mask of a tag', () => {
    assert.equal(enumOfTag.get(Tag.ObjectType), enumInfo.ObjectType);
    assert.equal(enumOfTag.get(Tag.MaskGeneratorHashingAlgorithm), enumInfo.HashingAlgorithm);
    assert.equal(enumOfTag.get(Tag.NameValue), undefined);
    assert.equal(maskOfTag.get(Tag.StorageStatusMask), maskInfo.StorageStatusMask);
  });

  it('know in which versions a value is defined', () => {
    const template = enumInfo.ObjectType.byCode.get(6) ?? assert.fail();
    assert.deepEqual(
      versions.filter((version) => isDefined(template, version)),
      [10, 11, 12, 13, 14],
    );
    const { bits } = maskInfo.StorageStatusMask;
    assert.deepEqual(
      versions.map((version) => bits.get(version)),
      [3, 3, 3, 3, 3, 7, 7],
    );
  });

  it('name each value of an enumeration once, and find it by its name', () => {
    for (const table of [...Object.values(enumInfo), ...Object.values(maskInfo)]) {
      const codes = Object.values<number>(table.codes);
      assert.equal(new Set(codes).size, codes.length, table.name);
      for (const [code, { name }] of table.byCode) assert.equal(table.byName.get(name), code);
    }
  });
});
