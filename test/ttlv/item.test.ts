import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { fromBigInt, fromUnsigned, ItemType, toBigInt, toUnsigned, typeName } from '../../ttlv/item.ts';

describe('the numbers of Big Integers', () => {
  const rows: readonly (readonly [bigint, string])[] = [
    [0n, '0000000000000000'],
    [1n, '0000000000000001'],
    [-1n, 'ffffffffffffffff'],
    [2n ** 63n - 1n, '7fffffffffffffff'],
    [2n ** 63n, '00000000000000008000000000000000'],
    [-(2n ** 63n), '8000000000000000'],
    [-(2n ** 63n) - 1n, 'ffffffffffffffff7fffffffffffffff'],
  ];
  for (const [value, digits] of rows) {
    it(`${value} is ${digits}`, () => {
      assert.equal(fromBigInt(value).toString('hex'), digits);
      assert.equal(toBigInt(Buffer.from(digits, 'hex')), value);
    });
  }

  it('come back from their bytes, which are as few as possible', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 4100n), max: 2n ** 4100n }), (value) => {
        const bytes = fromBigInt(value);
        assert.equal(bytes.length % 8, 0);
        assert.equal(toBigInt(bytes), value);
        assert.ok(bytes.length === 8 || toBigInt(bytes.subarray(8)) !== value);
      }),
    );
  });

  it('take unsigned bytes, such as a modulus, with room for the sign', () => {
    assert.equal(fromUnsigned(Buffer.from('ff', 'hex')).toString('hex'), '00000000000000ff');
    assert.equal(
      fromUnsigned(Buffer.from('ffffffffffffffff', 'hex')).toString('hex'),
      '0000000000000000ffffffffffffffff',
    );
    assert.equal(toUnsigned(Buffer.from('ffffffffffffffff', 'hex')), 2n ** 64n - 1n);
    assert.equal(toUnsigned(Buffer.alloc(0)), 0n);
  });
});

describe('typeName', () => {
  it('is the normalised name', () => assert.equal(typeName(ItemType.DateTimeExtended), 'DateTimeExtended'));
});
