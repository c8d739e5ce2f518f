import { Buffer } from 'node:buffer';
import type { CryptographicParameters } from '../../../src/kmip/structures/cryptographic.ts';
import { BlockCipherMode, CryptographicAlgorithm, PaddingMethod } from '../../../ttlv/tables/enums.ts';

const A = CryptographicAlgorithm;
const M = BlockCipherMode;
const P = PaddingMethod;

const aes128 = '2b7e151628aed2a6abf7158809cf4f3c';
const aes256 = '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4';
const iv = '000102030405060708090a0b0c0d0e0f';
const twoBlocks = '6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51';

/** A published result; all bytes in hexadecimal. */
export interface CipherVector {
  readonly name: string;
  readonly algorithm: CryptographicAlgorithm;
  readonly parameters: CryptographicParameters;
  readonly key: string;
  readonly iv?: string;
  readonly plain: string;
  readonly cipher: string;
  readonly aad?: string;
  readonly tag?: string;
}

const gcmKey = 'feffe9928665731c6d6a8f9467308308';
const gcmPlain =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
const gcmAad = 'feedfacedeadbeeffeedfacedeadbeefabaddad2';

/** Published test vectors. */
export const cipherVectors: readonly CipherVector[] = [
  {
    name: 'AES-128-ECB (SP 800-38A, F.1.1)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.ECB },
    key: aes128,
    plain: twoBlocks,
    cipher: '3ad77bb40d7a3660a89ecaf32466ef97 f5d3d58503b9699de785895a96fdbaaf',
  },
  {
    name: 'AES-128-CBC (SP 800-38A, F.2.1)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.CBC, paddingMethod: P.None },
    key: aes128,
    iv,
    plain: twoBlocks,
    cipher: '7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2',
  },
  {
    name: 'AES-256-CBC (SP 800-38A, F.2.5)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.CBC },
    key: aes256,
    iv,
    plain: twoBlocks,
    cipher: 'f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d',
  },
  {
    name: 'AES-128-CFB (SP 800-38A, F.3.13)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.CFB },
    key: aes128,
    iv,
    plain: twoBlocks,
    cipher: '3b3fd92eb72dad20333449f8e83cfb4a c8a64537a0b3a93fcde3cdad9f1ce58b',
  },
  {
    name: 'AES-128-OFB (SP 800-38A, F.4.1)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.OFB },
    key: aes128,
    iv,
    plain: twoBlocks,
    cipher: '3b3fd92eb72dad20333449f8e83cfb4a 7789508d16918f03f53c52dac54ed825',
  },
  {
    name: 'AES-256-CTR (SP 800-38A, F.5.5)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.CTR },
    key: aes256,
    iv: 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    plain: twoBlocks,
    cipher: '601ec313775789a5b7a7f504bbf3d228 f443e3ca4d62b59aca84e990cacaf5c5',
  },
  {
    name: 'AES-128-CTR with nonce and counter (RFC 3686, 6, vector 1)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.CTR, initialCounterValue: 1 },
    key: 'ae6852f8121067cc4bf7a5765577f39e',
    iv: '00000030 0000000000000000',
    plain: '53696e676c6520626c6f636b206d7367',
    cipher: 'e4095d4fb7a7b3792d6175a3261311b8',
  },
  {
    name: 'AES-128-GCM without text (GCM specification, case 1)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.GCM, tagLength: 16 },
    key: '00000000000000000000000000000000',
    iv: '000000000000000000000000',
    aad: '',
    plain: '',
    cipher: '',
    tag: '58e2fccefa7e3061367f1d57a4e7455a',
  },
  {
    name: 'AES-128-GCM with additional data (case 4)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.GCM },
    key: gcmKey,
    iv: 'cafebabefacedbaddecaf888',
    aad: gcmAad,
    plain: gcmPlain,
    cipher:
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
    tag: '5bc94fbc3221a5db94fae95ae7121a47',
  },
  {
    name: 'AES-128-GCM with an IV of 8 bytes (case 5)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.GCM, tagLength: 16 },
    key: gcmKey,
    iv: 'cafebabefacedbad',
    aad: gcmAad,
    plain: gcmPlain,
    cipher:
      '61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598',
    tag: '3612d2e79e3b0785561be14aaca2fccb',
  },
  {
    name: 'AES-128-GCM with a tag of 12 bytes (case 2, CS-BC-M-GCM-1)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.GCM, tagLength: 12 },
    key: '00000000000000000000000000000000',
    iv: '000000000000000000000000',
    plain: '00000000000000000000000000000000',
    cipher: '0388dace60b6a392f328c2b971b2fe78',
    tag: 'ab6e47d42cec13bdf53a67b2',
  },
  {
    name: 'AES-128-XTS (IEEE 1619, vector 2)',
    algorithm: A.AES,
    parameters: { blockCipherMode: M.XTS },
    key: '11111111111111111111111111111111 22222222222222222222222222222222',
    iv: '33333333330000000000000000000000',
    plain: '4444444444444444444444444444444444444444444444444444444444444444',
    cipher: 'c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0',
  },
  {
    name: '3DES-ECB (TC-STREAM-ENC-2)',
    algorithm: A.DES3,
    parameters: { blockCipherMode: M.ECB },
    key: '010101010101010101010101010101010101010101010101',
    plain: '0102030405060708',
    cipher: 'cead373db80eabf8',
  },
  {
    name: 'Camellia-256-ECB (RFC 3713, A)',
    algorithm: A.Camellia,
    parameters: { blockCipherMode: M.ECB },
    key: '0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff',
    plain: '0123456789abcdeffedcba9876543210',
    cipher: '9acc237dff16d76c20ef7c919e3a7509',
  },
  {
    name: 'ARIA-128-ECB (RFC 5794, A.1)',
    algorithm: A.ARIA,
    parameters: { blockCipherMode: M.ECB },
    key: '000102030405060708090a0b0c0d0e0f',
    plain: '00112233445566778899aabbccddeeff',
    cipher: 'd718fbd6ab644c739da95f3be6451778',
  },
  {
    name: 'SM4-GCM (RFC 8998, A.1)',
    algorithm: A.SM4,
    parameters: { blockCipherMode: M.GCM },
    key: '0123456789abcdeffedcba9876543210',
    iv: '00001234567800000000abcd',
    aad: gcmAad,
    plain: `${'aa'.repeat(8)}${'bb'.repeat(8)}${'cc'.repeat(8)}${'dd'.repeat(8)}${'ee'.repeat(8)}${'ff'.repeat(8)}${'ee'.repeat(8)}${'aa'.repeat(8)}`,
    cipher:
      '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d',
    tag: '83de3541e4c2b58177e065a9bf7b62ec',
  },
  {
    name: 'ChaCha20 with a nonce of 8 bytes (CS-BC-M-CHACHA20-3)',
    algorithm: A.ChaCha20,
    parameters: {},
    key: '00'.repeat(32),
    iv: '0000000000000001',
    plain: '00'.repeat(45),
    cipher: 'de9cba7bf3d69ef5e786dc63973f653a0b49e015adbff7134fcb7df137821031e85a050278a7084527214f73ef',
  },
  {
    name: 'ChaCha20 with a nonce of 12 bytes (RFC 8439, 2.4.2)',
    algorithm: A.ChaCha20,
    parameters: { initialCounterValue: 1 },
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    iv: '000000000000004a00000000',
    plain: Buffer.from("Ladies and Gentlemen of the class of '99").toString('hex'),
    cipher: '6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab',
  },
  {
    name: 'ChaCha20-Poly1305 (RFC 8439, 2.8.2)',
    algorithm: A.ChaCha20Poly1305,
    parameters: {},
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    iv: '070000004041424344454647',
    aad: '50515253c0c1c2c3c4c5c6c7',
    plain: Buffer.from(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    ).toString('hex'),
    cipher:
      'd31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6 3dbea45e8ca9671282fafb69da92728b 1a71de0a9e060b2905d6a5b67ecd3b36 92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc 3ff4def08e4b7a9de576d26586cec64b 6116',
    tag: '1ae10b594f09e26a7e902ecbd0600691',
  },
];
