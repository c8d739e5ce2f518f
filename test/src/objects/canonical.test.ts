import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AttributeSet } from '../../../src/kmip/attribute-set.ts';
import { decodeValue, encodeValue } from '../../../src/objects/canonical.ts';

/** Values such as attributes and managed objects are made of. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z0-9]{0,12}$/), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const key = fc.oneof(
  fc.constantFrom('Name' as const, 'Link' as const, 'ActivationDate' as const),
  fc.constant('x:y' as const),
);
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key, value }),
  fc.record({ do: fc.constant('remove' as const), key, index: fc.nat(3) }),
);

/** Sets as a life of additions and removals leaves them, gaps and used-up indexes included. */
const attributeSet = fc
  .array(step, { maxLength: 12 })
  .map((steps) =>
    steps.reduce(
      (set, one) => (one.do === 'add' ? set.adding(one.key, one.value) : set.without(one.key, one.index)),
      AttributeSet.empty,
    ),
  );

const contents = (set: AttributeSet) => [...set.entries()].map(([name, entry]) => [name, entry]);

describe('the stored form of values', () => {
  it('gives back every value', () => {
    fc.assert(fc.property(value, (one) => assert.deepEqual(decodeValue(encodeValue(one)), one)));
  });

  it('gives back every set of attributes: keys in order, indexes, and the next index', () => {
    fc.assert(
      fc.property(attributeSet, (set) => {
        const restored = decodeValue(encodeValue(set));
        assert(restored instanceof AttributeSet);
        assert.deepEqual(contents(restored), contents(set));
      }),
    );
  });

  it('never gives an index out again after a restart', () => {
    const set = AttributeSet.empty.adding('Name', 'a').adding('Name', 'b').without('Name');
    const restored = decodeValue(encodeValue(set)) as AttributeSet;
    assert.deepEqual(restored.adding('Name', 'c').instances('Name'), [{ index: 2, value: 'c' }]);
  });

  it('keeps sets inside of values', () => {
    const inner = AttributeSet.empty.adding('x:y', { tag: 0x42000b, type: 7, value: 'text' });
    const { keyValue } = decodeValue(encodeValue({ keyValue: { attributes: inner } })) as {
      keyValue: { attributes: AttributeSet };
    };
    assert.deepEqual(contents(keyValue.attributes), contents(inner));
  });

  it('is the same for equal values, whatever the order of their fields', () => {
    assert.deepEqual(encodeValue({ a: 1, b: 'x', c: undefined }), encodeValue({ b: 'x', a: 1 }));
  });

  it('differs for different values', () => {
    const different = [
      0,
      0n,
      false,
      '0',
      Buffer.from('0'),
      [],
      {},
      [[]],
      [0, 1],
      ['01'],
      ['0', '1'],
      { a: 0 },
      { b: 0 },
    ];
    assert.equal(new Set(different.map((one) => encodeValue(one).toString('hex'))).size, different.length);
  });

  // What lies in databases, put together by hand with Python: every later version has to read it.
  it('is these bytes', () => {
    const bytes =
      '540105010000008854010207000000044e616d6500000000540101090000000800000000000000035401030100000060' +
      '54010109000000080000000000000002540104010000004854010207000000086e616d65547970655401010900000008' +
      '000000000000000154010207000000096e616d6556616c75650000000000000054010107000000056b65792031000000';
    const set = AttributeSet.restore([
      ['Name', { next: 3, instances: [{ index: 2, value: { nameValue: 'key 1', nameType: 1 } }] }],
    ]);
    assert.equal(encodeValue(set).toString('hex'), bytes);
    assert.deepEqual(contents(decodeValue(Buffer.from(bytes, 'hex')) as AttributeSet), contents(set));
  });

  // Since then a key that has one instance, and never had another, is followed by its value alone; what was written before is
  // read on.
  it('is these bytes for an only instance, with or without its index', () => {
    const set = AttributeSet.of([
      { key: 'Fresh', value: true },
      { key: 'LeaseTime', value: 3600 },
    ]);
    const bytes =
      '5401050100000048' +
      '540102070000000546726573680000005401010600000008' +
      '0000000000000001' +
      '54010207000000094c6561736554696d6500000000000000' +
      '5401010900000008' +
      '0000000000000e10';
    assert.equal(encodeValue(set).toString('hex'), bytes);
    const before =
      '5401050100000098' +
      '54010207000000054672657368000000' +
      '54010109000000080000000000000001' +
      '54010301000000205401010900000008000000000000000054010106000000080000000000000001' +
      '54010207000000094c6561736554696d6500000000000000' +
      '54010109000000080000000000000001' +
      '54010301000000205401010900000008000000000000000054010109000000080000000000000e10';
    for (const stored of [bytes, before]) {
      assert.deepEqual(contents(decodeValue(Buffer.from(stored, 'hex')) as AttributeSet), contents(set));
    }
  });

  for (const impossible of [1.5, Number.NaN, null, undefined, Symbol.iterator, () => 0, 2n ** 63n, '\ud800']) {
    it(`has no form for ${String(impossible)}`, () => {
      assert.throws(() => encodeValue([impossible]), RangeError);
    });
  }

  it('is refused when bytes are missing, or left', () => {
    const bytes = encodeValue({ a: [1, 'two'] });
    for (let length = 0; length < bytes.length; length += 1) {
      assert.throws(() => decodeValue(bytes.subarray(0, length)), { name: 'TtlvError' });
    }
    assert.throws(() => decodeValue(Buffer.concat([bytes, bytes])), { name: 'TtlvError' });
  });
});
