import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type PackedStep, Packer, unpack } from '../../../../src/store/dialects/packed.ts';

describe('packed change sets', () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.double(),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );
  const step: fc.Arbitrary<PackedStep> = fc
    .tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.nat({ max: 255 }), fc.array(value))
    .map(([statement, refusal, parameters]) => ({ statement, refusal, parameters }));
  const batch = fc.array(fc.array(step));

  it('come out as they went in, batch after batch', () => {
    fc.assert(
      fc.property(fc.array(batch), (batches) => {
        const packer = new Packer();
        for (const changeSets of batches) {
          for (const steps of changeSets) packer.add(steps);
          assert.deepEqual(unpack(packer.take()), changeSets);
        }
      }),
    );
  });

  it('grow beyond any buffer', () => {
    const packer = new Packer();
    const steps: PackedStep[] = [
      { statement: 1, refusal: 0, parameters: ['é'.repeat(100_000), Buffer.alloc(200_000, 1), 'after'] },
    ];
    packer.add(steps);
    assert.deepEqual(unpack(packer.take()), [steps]);
  });

  it('leave the batch as it was where a number is too large to pack', () => {
    const packer = new Packer();
    const good: PackedStep[] = [{ statement: 1, refusal: 0, parameters: ['good'] }];
    packer.add(good);
    assert.throws(() => packer.add([{ statement: 1, refusal: 0, parameters: ['bad', 2n ** 63n] }]), RangeError);
    packer.add(good);
    assert.deepEqual(unpack(packer.take()), [good, good]);
  });
});
