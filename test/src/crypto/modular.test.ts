import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { DerTag, writeDer, writeDerUnsigned } from '../../../src/crypto/der.ts';
import { checkKey } from '../../../src/crypto/keys.ts';
import { inverse } from '../../../src/crypto/modular.ts';
import type { KeyMaterial } from '../../../src/kmip/structures/key-block.ts';
import { fromBigInt } from '../../../ttlv/item.ts';
import { KeyFormatType, ObjectType } from '../../../ttlv/tables/enums.ts';
import { failsWith } from './fails.ts';
import { keyValue } from './objects.ts';

const F = KeyFormatType;
const idDsa = Buffer.from('06072a8648ce380401', 'hex');
const sequence = (...parts: Buffer[]) => writeDer(DerTag.Sequence, ...parts);

/** What a key is refused for, in words: others than for its length, which is looked at after the computation. */
async function refusal(format: KeyFormatType, material: KeyMaterial): Promise<string> {
  const error = await failsWith('invalid-field', () => checkKey(keyValue(ObjectType.PrivateKey, format, material), {}));
  return error.message;
}

describe('private keys with numbers of 16 000 bits are refused before anything is computed with them', () => {
  const long = fromBigInt(2n ** 16_000n + 1n);
  const integer = writeDerUnsigned(long);

  it('RSA, transparent', async () => {
    const modulus = fromBigInt((2n ** 16_000n + 1n) ** 2n);
    assert.match(await refusal(F.TransparentRSAPrivateKey, { modulus, p: long, q: long }), /too long/);
  });

  it('RSA in PKCS#1', async () => {
    // They fit together, but for p and q not being primes.
    const [p, q, e] = [2n ** 8_000n + 1n, 2n ** 8_000n + 3n, 65_537n];
    const d = inverse(e, (p - 1n) * (q - 1n)) ?? assert.fail();
    const numbers = [0n, p * q, e, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q, p) ?? assert.fail()];
    const integers = numbers.map((one) => writeDerUnsigned(fromBigInt(one)));
    assert.match(await refusal(F.PKCS_1, sequence(...integers)), /no RSAPrivateKey/);
  });

  it('DSA, transparent', async () => {
    const material = { p: long, q: long, g: long, x: long };
    assert.match(await refusal(F.TransparentDSAPrivateKey, material), /too long/);
  });

  it('DSA in PKCS#8', async () => {
    const algorithm = sequence(idDsa, sequence(integer, integer, integer));
    const secret = writeDer(DerTag.OctetString, integer);
    assert.match(await refusal(F.PKCS_8, sequence(writeDerUnsigned(Buffer.of(0)), algorithm, secret)), /too long/);
  });
});
