import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import {
  isWrappedInStructure,
  unwrapBytes,
  unwrapKey,
  type WrapInput,
  wrapBytes,
  wrapKey,
} from '../../../src/crypto/wrapping.ts';
import type { KeyBlock } from '../../../src/kmip/structures/key-block.ts';
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  EncodingOption,
  KeyFormatType,
  WrappingMethod,
} from '../../../ttlv/tables/enums.ts';
import { failsWith } from './fails.ts';
import { symmetric } from './objects.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const A = CryptographicAlgorithm;
const M = BlockCipherMode;

const kek = (text: string, blockCipherMode?: BlockCipherMode) => ({
  key: symmetric(A.AES, hex(text)),
  parameters: blockCipherMode === undefined ? {} : { blockCipherMode },
});
const kek128 = '000102030405060708090a0b0c0d0e0f';
const kek192 = `${kek128}1011121314151617`;
const kek256 = `${kek192}18191a1b1c1d1e1f`;
const key128 = '00112233445566778899aabbccddeeff';

describe('AES Key Wrap', () => {
  const vectors: readonly [string, string, BlockCipherMode, string, string][] = [
    ['RFC 3394, 4.1', kek128, M.NISTKeyWrap, key128, '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5'],
    ['RFC 3394, 4.2', kek192, M.NISTKeyWrap, key128, '96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d'],
    ['RFC 3394, 4.3', kek256, M.NISTKeyWrap, key128, '64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7'],
    [
      'RFC 3394, 4.6',
      kek256,
      M.NISTKeyWrap,
      `${key128}000102030405060708090a0b0c0d0e0f`,
      '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
    ],
    [
      'RFC 5649, 6, first',
      '5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8',
      M.AESKeyWrapPadding,
      'c37b7e6492584340bed12207808941155068f738',
      '138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a',
    ],
    [
      'RFC 5649, 6, second',
      '5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8',
      M.AESKeyWrapPadding,
      '466f7250617369',
      'afbeb0f07dfbf5419200f2ccb50bb24f',
    ],
  ];
  for (const [name, key, mode, plain, wrapped] of vectors) {
    it(`gives the result of ${name}, and takes it back`, () => {
      assert.equal(wrapBytes(kek(key, mode), hex(plain)).toString('hex'), wrapped);
      assert.equal(unwrapBytes(kek(key, mode), hex(wrapped)).toString('hex'), plain);
    });
  }

  it('is RFC 3394 where no Block Cipher Mode is named', () => {
    assert.equal(
      wrapBytes(kek(kek128), hex(key128)).toString('hex'),
      '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5',
    );
  });

  it('refuses every byte that was changed, in the same words', async () => {
    const texts = new Set<string>();
    for (const mode of [M.NISTKeyWrap, M.AESKeyWrapPadding]) {
      const wrapped = wrapBytes(kek(kek256, mode), hex(key128));
      for (let index = 0; index < wrapped.length; index++) {
        const changed = Buffer.from(wrapped);
        changed[index] = (changed[index] ?? 0) ^ 0x40;
        texts.add((await failsWith('crypto-failed', () => unwrapBytes(kek(kek256, mode), changed))).message);
      }
      for (const length of [0, 1, 7, 8, 16, 23]) {
        const short = wrapped.subarray(0, length);
        texts.add((await failsWith('crypto-failed', () => unwrapBytes(kek(kek256, mode), short))).message);
      }
    }
    assert.equal(texts.size, 1);
  });

  it('refuses data of a length that RFC 3394 does not wrap', async () => {
    for (const length of [0, 8, 15, 17]) {
      await failsWith('bad-parameters', () => wrapBytes(kek(kek128, M.NISTKeyWrap), Buffer.alloc(length)));
    }
    await failsWith('bad-parameters', () => wrapBytes(kek(kek128, M.AESKeyWrapPadding), Buffer.alloc(0)));
  });

  it('needs an AES key and one of its two modes', async () => {
    await failsWith('unsupported-parameters', () => wrapBytes(kek(kek128, M.CBC), hex(key128)));
    const des = { key: symmetric(A.DES3, Buffer.alloc(24, 1)), parameters: {} };
    await failsWith('unsupported-parameters', () => wrapBytes(des, hex(key128)));
  });
});

describe('wrapping keys', () => {
  const block: KeyBlock = {
    keyFormatType: KeyFormatType.Raw,
    keyValue: { keyMaterial: hex(key128) },
    cryptographicAlgorithm: A.AES,
    cryptographicLength: 128,
  };
  const encryptionKeyInformation = {
    uniqueIdentifier: 'kek',
    cryptographicParameters: { blockCipherMode: M.NISTKeyWrap },
  };
  const input = (encodingOption?: EncodingOption): WrapInput => ({
    specification: {
      wrappingMethod: WrappingMethod.Encrypt,
      encryptionKeyInformation,
      attributeNames: [],
      ...(encodingOption !== undefined && { encodingOption }),
    },
    wrappingKey: kek(kek128),
    version: 14,
  });
  /** Key Value (structure, 0x420045) with Key Material (byte string, 0x420043). */
  const encoded = hex(`42004501 00000018 42004308 00000010 ${key128}`);

  it('leaves Key Value a Byte String and says how it was wrapped (TC-SENSITIVE-1)', () => {
    const wrapped = wrapKey(block, input(EncodingOption.NoEncoding));
    assert.deepEqual(wrapped, {
      keyFormatType: KeyFormatType.Raw,
      keyValue: hex('1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5'),
      cryptographicAlgorithm: A.AES,
      cryptographicLength: 128,
      keyWrappingData: {
        wrappingMethod: WrappingMethod.Encrypt,
        encryptionKeyInformation,
        encodingOption: EncodingOption.NoEncoding,
      },
    });
    assert.deepEqual(unwrapKey(wrapped, kek(kek128), 14), block);
  });

  it('covers the TTLV-encoded Key Value where no Encoding Option is given', () => {
    for (const option of [undefined, EncodingOption.TTLVEncoding]) {
      const wrapped = wrapKey(block, input(option));
      assert.ok(Buffer.isBuffer(wrapped.keyValue));
      assert.deepEqual(unwrapBytes(kek(kek128), wrapped.keyValue), encoded);
      assert.equal(wrapped.keyWrappingData?.encodingOption, option);
      const { keyValue } = unwrapKey(wrapped, kek(kek128), 14);
      assert.ok(keyValue !== undefined && !Buffer.isBuffer(keyValue));
      assert.deepEqual(keyValue.keyMaterial, hex(key128));
    }
  });

  it('covers transparent keys in their TTLV encoding', async () => {
    const transparent: KeyBlock = {
      keyFormatType: KeyFormatType.TransparentSymmetricKey,
      keyValue: { keyMaterial: { key: hex(key128) } },
    };
    const wrapped = wrapKey(transparent, input());
    assert.ok(Buffer.isBuffer(wrapped.keyValue));
    // Key Material is a structure with Key (0x42003F).
    const expected = hex(`42004501 00000020 42004301 00000018 42003f08 00000010 ${key128}`);
    assert.deepEqual(unwrapBytes(kek(kek128), wrapped.keyValue), expected);
    await failsWith('encoding-option', () => wrapKey(transparent, input(EncodingOption.NoEncoding)));
  });

  it('covers attributes beside the material, which No Encoding cannot', async () => {
    const attributes = [{ key: 'CryptographicUsageMask', value: 12 }] as const;
    const wrapped = wrapKey(block, { ...input(), attributes });
    assert.ok(Buffer.isBuffer(wrapped.keyValue));
    // Attribute { Attribute Name, Attribute Value } behind Key Material, as 1.x has it.
    const name = Buffer.from('Cryptographic Usage Mask').toString('hex');
    const attribute = `42000801 00000030 42000a07 00000018 ${name} 42000b02 00000004 0000000c 00000000`;
    const material = `42004308 00000010 ${key128}`;
    assert.deepEqual(unwrapBytes(kek(kek128), wrapped.keyValue), hex(`42004501 00000050 ${material} ${attribute}`));
    await failsWith('encoding-option', () => wrapKey(block, { ...input(EncodingOption.NoEncoding), attributes }));
  });

  it('takes back what a message of another version wrapped', () => {
    const attributes = [{ key: 'CryptographicUsageMask', value: 12 }] as const;
    for (const [from, to] of [
      [12, 21],
      [21, 12],
    ] as const) {
      const wrapped = wrapKey(block, { ...input(), attributes, version: from });
      const { keyValue } = unwrapKey(wrapped, kek(kek128), to);
      assert.ok(keyValue !== undefined && !Buffer.isBuffer(keyValue));
      assert.equal(keyValue.attributes?.[0]?.value, 12);
    }
  });

  it('keeps the form in which a wrapped key was registered (TC-WRAP-3-14)', () => {
    const registered: KeyBlock = {
      ...block,
      keyValue: { keyMaterial: hex('1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5') },
      keyWrappingData: {
        wrappingMethod: WrappingMethod.Encrypt,
        encryptionKeyInformation,
        encodingOption: EncodingOption.NoEncoding,
      },
    };
    assert.equal(isWrappedInStructure(registered), true);
    const clear = unwrapKey(registered, kek(kek128), 14);
    assert.deepEqual(clear, block);
    assert.equal(isWrappedInStructure(clear), false);
    assert.deepEqual(wrapKey(clear, { ...input(EncodingOption.NoEncoding), inStructure: true }), registered);
  });

  it('refuses the wrong wrapping key, and what is no Key Value', async () => {
    const wrapped = wrapKey(block, input());
    await failsWith('crypto-failed', () => unwrapKey(wrapped, kek(kek256), 14));
    const garbage = { ...wrapped, keyValue: wrapBytes(kek(kek128), Buffer.alloc(24, 1)) };
    await failsWith('invalid-field', () => unwrapKey(garbage, kek(kek128), 14));
  });

  it('refuses other methods, and a key that is not there or wrapped already', async () => {
    const specification = { ...input().specification, wrappingMethod: WrappingMethod.MACSign };
    await failsWith('feature-not-supported', () => wrapKey(block, { ...input(), specification }));
    const wrapped = wrapKey(block, input());
    await failsWith('feature-not-supported', () => wrapKey(wrapped, input()));
    await failsWith('key-value-not-present', () => wrapKey({ keyFormatType: KeyFormatType.Raw }, input()));
  });
});
