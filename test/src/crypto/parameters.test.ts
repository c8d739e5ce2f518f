import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { effectiveParameters, matchesInstance } from '../../../src/crypto/parameters.ts';
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  HashingAlgorithm,
  PaddingMethod,
} from '../../../ttlv/tables/enums.ts';

const M = BlockCipherMode;
const P = PaddingMethod;
const cbc = { blockCipherMode: M.CBC, paddingMethod: P.PKCS5 };
const gcm = { blockCipherMode: M.GCM, tagLength: 12 };

describe('effective parameters', () => {
  it('are the first of the key where the request has none', () => {
    assert.deepEqual(effectiveParameters(undefined, [cbc, gcm]), cbc);
    assert.deepEqual(effectiveParameters({}, [cbc, gcm]), cbc);
    assert.deepEqual(effectiveParameters(undefined, []), {});
  });

  it('complete those of the request from the first that does not contradict them', () => {
    assert.deepEqual(effectiveParameters({ blockCipherMode: M.GCM }, [cbc, gcm]), gcm);
    assert.deepEqual(effectiveParameters({ paddingMethod: P.PKCS5 }, [cbc]), cbc);
    assert.deepEqual(effectiveParameters({ randomIV: true }, [cbc]), { ...cbc, randomIV: true });
  });

  it('are never mixed with some that contradict', () => {
    assert.deepEqual(effectiveParameters({ blockCipherMode: M.GCM }, [cbc]), { blockCipherMode: M.GCM });
    const sha1 = { paddingMethod: P.PSS, hashingAlgorithm: HashingAlgorithm.SHA_1 };
    const attribute = { paddingMethod: P.PSS, hashingAlgorithm: HashingAlgorithm.SHA_256, saltLength: 20 };
    assert.deepEqual(effectiveParameters(sha1, [attribute]), sha1);
  });

  it('compare bytes by what they are', () => {
    const label = { pSource: Buffer.from('label'), paddingMethod: P.OAEP };
    assert.deepEqual(effectiveParameters({ pSource: Buffer.from('label') }, [label]), label);
    const other = { pSource: Buffer.from('other') };
    assert.deepEqual(effectiveParameters(other, [label]), other);
  });
});

describe('the parameters of a wrapping key', () => {
  it('match an instance that has all of them', () => {
    const instance = { blockCipherMode: M.NISTKeyWrap, cryptographicAlgorithm: CryptographicAlgorithm.AES };
    assert.equal(matchesInstance({ blockCipherMode: M.NISTKeyWrap }, [cbc, instance]), true);
    assert.equal(matchesInstance({ blockCipherMode: M.AESKeyWrapPadding }, [cbc, instance]), false);
    assert.equal(matchesInstance({ blockCipherMode: M.NISTKeyWrap, paddingMethod: P.None }, [instance]), false);
    assert.equal(matchesInstance({ blockCipherMode: M.NISTKeyWrap }, []), false);
  });
});
