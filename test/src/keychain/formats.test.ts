import assert from 'node:assert/strict';
import { KeyChain } from '../../../src/keychain/key-chain.ts';
import { PassphraseRoot } from '../../../src/keychain/roots/passphrase.ts';
import { MemoryChainStore } from '../../support/keychain.ts';

/*
 * Made with Python (hashlib.pbkdf2_hmac, hmac, and HKDF and AESGCM of the package cryptography) from the layouts in
 * record.ts, sealed-chain.ts, roots/passphrase.ts and encrypted-data.ts. The chain has the identifier 10 11 .. 1f and two
 * keys: 60 61 .. 7f, of 2023, and 80 81 .. 9f, of 2096; 2 048 encryptions are reserved under the second.
 */
const passphrase = 'correct horse battery staple';
const vectors = {
  record: Buffer.from(
    '4b4c52010000000000000800e46843531ec13c3081c088201dc4798638e7058b09e7e4cd6df8178d0a70cf3d4b4c43011011' +
      '12131415161718191a1b1c1d1e1f0a706173737068726173650060000927c0a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2' +
      'b3b4b5b6b7b8b9babbbcbdbebf0102030405060708090a0b0c0b72a7060cb6432a860b08174a85163b27d9efe00fb00286f3' +
      '929d503a454539ca95a1a4c45b63cdaaf8a3076476598d000202030405060708090a0b0c0d6841d72a69127952a138239e38' +
      '1b1e99b7e01dc5855e47378d095cf23ac3bc2f6b761edf587967e9a96cd10c1c5e4e627746636fff340cc550b03caa76ed58' +
      'c3712f105644a8c47e71f8a9d2eb50b6377e8ac27138bfd2089f2a865580b40b3c401a3763ef661cf6',
    'hex',
  ),
  old: Buffer.from(
    '4b4c4401101112131415161718191a1b1c1d1e1f000000010000000e00000000030405060708090a0b0c0d0e93fb893af4df' +
      'a5ab0e408d850d61536f185bdb113dcf42e69252ff952bd8a4e0d9d7e933ed8d90b47bfb4b6d926c8d7a0405060708090a0b' +
      '0c0d0e0fdb4080f28ff510078fc3a24eb685eb1143b798be30c2e7e841cd3451a0a9',
    'hex',
  ),
  new: Buffer.from(
    '4b4c4401101112131415161718191a1b1c1d1e1f000000020000000e000000000708090a0b0c0d0e0f1011125c57c0dee74c' +
      'e923bf35b7d54118fbdab988890b58ee8a203c9c800d8419b776a89f6a49541585ab26a7e3f178216a5908090a0b0c0d0e0f' +
      '101112137d446a667f378ae76f3c33c7faac6af0d3de1f3c2eba8aeeed7506b9e385',
    'hex',
  ),
  empty: Buffer.from(
    '4b4c4401101112131415161718191a1b1c1d1e1f000000020000000000000000090a0b0c0d0e0f10111213149241c0f8b76f' +
      '2b4aaf5c0c7a708af0cddc6925c36de2f47708c114c16d42146156b171163936ffd5b11cd088e0be629a0a0b0c0d0e0f1011' +
      '1213141529bbe8d893865e5591177663dd79cbdf',
    'hex',
  ),
  beside: Buffer.from(
    '4b4c4401101112131415161718191a1b1c1d1e1f000000010000000e000000cb4b4c4301101112131415161718191a1b1c1d' +
      '1e1f0a706173737068726173650060000927c0a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbe' +
      'bf0102030405060708090a0b0c0b72a7060cb6432a860b08174a85163b27d9efe00fb00286f3929d503a454539ca95a1a4c4' +
      '5b63cdaaf8a3076476598d000102030405060708090a0b0c0d6841d72a69127952a138239e381b1e99b7e01dc5855e47378d' +
      '095cf23ac3bc2f6b761edf587967e9a96cd10c6df19bd4e6598cfdff297dfea442fb3d0b0c0d0e0f10111213141516bf388c' +
      '1f717be508985e97939fbfe74a828db8a9336c72ff6573b38aa70ae4ffda51db78d048a56bb990c0345fbd96f40c0d0e0f10' +
      '1112131415161755d97d6ae64d1deea12622a0537d46235ee0370b3fdfbf75a357cf4c6d51',
    'hex',
  ),
};

describe('keychain formats', () => {
  const root = new PassphraseRoot(passphrase);
  const orders = { associatedData: Buffer.from('orders') };

  it('opens the chain and the data that an independent implementation sealed', async () => {
    const chain = await KeyChain.open({ root, store: new MemoryChainStore(vectors.record) });
    assert.equal((await chain.decrypt(vectors.old)).toString(), 'attack at dawn');
    assert.equal((await chain.decrypt(vectors.new, orders)).toString(), 'attack at noon');
    assert.equal((await chain.decrypt(vectors.empty)).length, 0);
  });

  it('opens the chain beside the data of an independent implementation', async () => {
    const chain = await KeyChain.open({ root, store: 'beside-ciphertext' });
    assert.equal((await chain.decrypt(vectors.beside, orders)).toString(), 'attack at dusk');
  });

  it('goes on where the counter of the record stands', async () => {
    const store = new MemoryChainStore(vectors.record);
    const chain = await KeyChain.open({ root, store, limits: { block: 16 } });
    const encrypted = await chain.encrypt(Buffer.from('x'));
    assert.equal(encrypted.toString('hex', 0, 24), '4b4c4401101112131415161718191a1b1c1d1e1f00000002');
    assert.equal(store.bytes?.readBigUInt64BE(4), 2064n);
    assert.deepEqual(store.bytes?.subarray(44), vectors.record.subarray(44));
  });
});
