import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { dump } from '../../ttlv/dump.ts';
import { type Item, ItemType, type ItemValues } from '../../ttlv/item.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { encodeItem } from '../../ttlv/writer.ts';
import { items } from '../arbitraries/item.ts';
import { hex } from '../vectors/hex.ts';

const secret = 'hunter2-and-more';
const secretBytes = Buffer.from(secret);

function structureOf(tag: number, ...value: ItemValues[typeof ItemType.Structure]): Item {
  return { tag, type: ItemType.Structure, value };
}
const text = (tag: number, value = secret): Item => ({ tag, type: ItemType.TextString, value });
const bytes = (tag: number, value = secretBytes): Item => ({ tag, type: ItemType.ByteString, value });
const integer = (tag: number, value: number): Item => ({ tag, type: ItemType.Integer, value });
const big = (tag: number): Item => ({ tag, type: ItemType.BigInteger, value: secretBytes });

describe('dump', () => {
  it('shows names, types and values, one line an item', () => {
    const item = structureOf(
      Tag.RequestPayload,
      { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 2 },
      integer(Tag.CryptographicUsageMask, 12),
      text(Tag.UniqueIdentifier, 'a\nb'),
      bytes(Tag.UniqueBatchItemID, Buffer.of(1, 2)),
      { tag: Tag.TimeStamp, type: ItemType.DateTime, value: 0 },
      structureOf(Tag.Attribute, text(Tag.AttributeName, 'State'), {
        tag: Tag.AttributeValue,
        type: ItemType.Enumeration,
        value: 1,
      }),
    );
    const expected = `RequestPayload
  ObjectType Enumeration SymmetricKey
  CryptographicUsageMask Integer Encrypt|Decrypt
  UniqueIdentifier TextString "a\\nb"
  UniqueBatchItemID ByteString 0102
  TimeStamp DateTime 1970-01-01T00:00:00+00:00
  Attribute
    AttributeName TextString "State"
    AttributeValue Enumeration PreActive
`;
    assert.equal(dump(item), expected);
    assert.equal(dump(encodeItem(item)), expected);
  });

  const hidden: readonly (readonly [string, Item])[] = [
    ['key material', structureOf(Tag.KeyValue, bytes(Tag.KeyMaterial))],
    ['transparent key material', structureOf(Tag.KeyMaterial, big(Tag.PrivateExponent), text(Tag.NameValue))],
    ['a wrapped key value', bytes(Tag.KeyValue)],
    ['a password', structureOf(Tag.Credential, structureOf(Tag.CredentialValue, text(Tag.Password)))],
    ['a user name and all else of a credential', structureOf(Tag.CredentialValue, text(Tag.Username))],
    ['a password elsewhere', text(Tag.Password)],
    ['a one time password', text(Tag.OneTimePassword)],
    ['a ticket', structureOf(Tag.Ticket, text(Tag.UniqueIdentifier))],
    ['data', bytes(Tag.Data)],
    ['a nonce', bytes(Tag.IVCounterNonce)],
    ['MAC data', bytes(Tag.MACData)],
    ['opaque data', bytes(Tag.OpaqueDataValue)],
    ['a Big Integer', big(Tag.Modulus)],
    ['bytes under a tag that the standard does not know', bytes(0x540001)],
    ['text under a tag that the standard does not know', text(0x540001)],
    ['what is inside such a tag', structureOf(0x540001, text(Tag.NameValue))],
    ['a custom attribute', structureOf(Tag.Attribute, text(Tag.AttributeName, 'x-Pin'), text(Tag.AttributeValue))],
    ['an attribute value without a name', text(Tag.AttributeValue)],
    ['a vendor extension', structureOf(Tag.VendorExtension, text(Tag.NameValue))],
  ];
  for (const [name, item] of hidden) {
    it(`hides ${name}`, () => {
      for (const shown of [dump(item), dump(structureOf(Tag.RequestPayload, item)), dump(encodeItem(item))]) {
        for (const form of [secret, secretBytes.toString('hex'), secretBytes.toString('base64')]) {
          assert.ok(!shown.includes(form), shown);
        }
        assert.match(shown, /\(hidden/);
      }
    });

    it(`shows ${name} to a test that asks for it`, () => {
      const shown = dump(item, { redact: false });
      assert.ok(shown.includes(secret) || shown.includes(secretBytes.toString('hex')), shown);
    });
  }

  it('shows a public certificate and the length of bytes that it hides', () => {
    assert.equal(dump(bytes(Tag.CertificateValue, Buffer.of(0x30, 0))), 'CertificateValue ByteString 3000\n');
    assert.equal(dump(bytes(Tag.Data)), 'Data ByteString (hidden, 16 bytes)\n');
  });

  it('says in one line that bytes cannot be decoded, without showing them', () => {
    assert.equal(
      dump(hex('42 00 20 | 06 | 00 00 00 08 | 00 00 00 00 00 00 00 02')),
      '16 bytes, not decodable at 0: CompromiseDate: a Boolean is neither 0 nor 1\n',
    );
    assert.equal(dump(secretBytes).includes(secret), false);
  });

  it('makes one line of each item, whatever is in it', () => {
    const count = (item: Item): number =>
      item.type === ItemType.Structure ? item.value.reduce((sum, child) => sum + count(child), 1) : 1;
    fc.assert(
      fc.property(items, (item) => {
        assert.equal(dump(item).split('\n').length, count(item) + 1);
        assert.equal(dump(item, { redact: false }).split('\n').length, count(item) + 1);
      }),
    );
  });
});
