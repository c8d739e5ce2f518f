import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import {
  DerError,
  derBits,
  derChildren,
  derUnsigned,
  readDer,
  writeDer,
  writeDerUnsigned,
} from '../../../src/crypto/der.ts';
import { openssl } from './openssl.ts';
import { rsaPrivate } from './vectors.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('DER', () => {
  const broken: readonly [string, string][] = [
    ['nothing', ''],
    ['a tag alone', '30'],
    ['a length without contents', '3003 0201'],
    ['an indefinite length', '3080 0000'],
    ['a length in more octets than needed', '308103 020100'],
    ['a length with a leading zero octet', '30820003 020100'],
    ['a length of five octets', '308500000000 03020100'],
    ['length octets that were cut off', '3082 01'],
    ['a long tag', '1f8101 00'],
    ['bytes behind the end', '3003020100 00'],
  ];
  for (const [name, text] of broken) {
    it(`is not ${name}`, () => {
      assert.throws(() => readDer(hex(text)), DerError);
    });
  }

  it('has children that fill their parent', () => {
    assert.equal(derChildren(readDer(hex('3006 020101 020102'))).length, 2);
    assert.throws(() => derChildren(readDer(hex('3004 02030102'))), DerError);
  });

  it('has integers without sign and needless zeros', () => {
    assert.deepEqual(derUnsigned(readDer(hex('02020080'))), hex('80'));
    assert.deepEqual(derUnsigned(readDer(hex('020100'))), hex('00'));
    for (const text of ['0200', '0201ff', '0202007f', '020200', '040101']) {
      assert.throws(() => derUnsigned(readDer(hex(text))), DerError, text);
    }
    assert.throws(() => derUnsigned(undefined), DerError);
  });

  it('has bit strings of whole bytes', () => {
    assert.deepEqual(derBits(readDer(hex('030200ff'))), hex('ff'));
    assert.throws(() => derBits(readDer(hex('030204f0'))), DerError);
  });

  it('is written as openssl writes it, for every size of length', () => {
    assert.deepEqual(writeDerUnsigned(hex('00007f')), hex('02017f'));
    assert.deepEqual(writeDerUnsigned(hex('80')), hex('02020080'));
    assert.deepEqual(writeDerUnsigned(Buffer.alloc(3)), hex('020100'));
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const element = readDer(writeDer(0x04, Buffer.alloc(length, 7)));
      assert.equal(element.body.length, length);
      const shown = openssl(['asn1parse', '-inform', 'DER'], element.whole).toString();
      assert.match(shown, new RegExp(`l= *${length} prim: OCTET STRING`));
    }
    const children = derChildren(readDer(rsaPrivate));
    assert.deepEqual(writeDer(0x30, ...children.map((child) => writeDerUnsigned(derUnsigned(child)))), rsaPrivate);
  });
});
