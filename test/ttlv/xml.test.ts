import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { Budget } from '../../ttlv/budget.ts';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { itemFromXml, parseXml, xmlFromItem } from '../../ttlv/xml.ts';
import { items } from '../arbitraries/item.ts';
import { assertTtlvError } from '../support/ttlv-errors.ts';

const read = (text: string): Item => itemFromXml(parseXml(text));

describe('itemFromXml', () => {
  // The examples of KMIP Additional Message Encodings 1.0, 6.1.6, and what the words around them allow.
  const rows: readonly (readonly [string, Item])[] = [
    [
      '<TTLV tag="0x420001" name="ActivationDate" type="DateTime" value="2001-01-01T10:00:00+10:00"/>',
      { tag: Tag.ActivationDate, type: ItemType.DateTime, value: Date.UTC(2001, 0, 1) / 1000 },
    ],
    [
      '<ActivationDate xmlns="urn:oasis:tc:kmip:xmlns" type="DateTime" value="2001-01-01T00:00:00.999Z"/>',
      { tag: Tag.ActivationDate, type: ItemType.DateTime, value: Date.UTC(2001, 0, 1) / 1000 },
    ],
    [
      '<k:ActivationDate xmlns:k="urn:oasis:tc:kmip:xmlns" type="DateTime" value="1969-12-31T23:59:58.5"/>',
      { tag: Tag.ActivationDate, type: ItemType.DateTime, value: -2 },
    ],
    [
      '<IVCounterNonce type="ByteString" value="a1b2c3D4"/>',
      { tag: Tag.IVCounterNonce, type: ItemType.ByteString, value: Buffer.from('a1b2c3d4', 'hex') },
    ],
    [
      '<PrivateKeyTemplateAttribute type="Structure"/>',
      { tag: Tag.PrivateKeyTemplateAttribute, type: ItemType.Structure, value: [] },
    ],
    [
      '<TTLV tag="0x545352" name="SomeExtension" type="TextString" value="This is an extension"/>',
      { tag: 0x545352, type: ItemType.TextString, value: 'This is an extension' },
    ],
    ['<BatchCount type="Integer" value="10"/>', { tag: Tag.BatchCount, type: ItemType.Integer, value: 10 }],
    ['<BatchCount type="Integer" value="-1"/>', { tag: Tag.BatchCount, type: ItemType.Integer, value: -1 }],
    ['<BatchCount type="Integer" value="0xffffffff"/>', { tag: Tag.BatchCount, type: ItemType.Integer, value: -1 }],
    ...['0x0000100c', 'Encrypt Decrypt CertificateSign', 'CertificateSign  0x00000004 0x0000008'].map(
      (value): readonly [string, Item] => [
        `<CryptographicUsageMask type="Integer" value="${value}"/>`,
        { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: 0x100c },
      ],
    ),
    [
      '<UsageLimitsCount type="LongInteger" value="1152921504606846976"/>',
      { tag: Tag.UsageLimitsCount, type: ItemType.LongInteger, value: 2n ** 60n },
    ],
    [
      '<Modulus type="BigInteger" value="0000000000010001"/>',
      { tag: Tag.Modulus, type: ItemType.BigInteger, value: Buffer.from('0000000000010001', 'hex') },
    ],
    [
      '<ObjectType type="Enumeration" value="0x00000002"/>',
      { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 2 },
    ],
    [
      '<ObjectType type="Enumeration" value="SymmetricKey"/>',
      { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 2 },
    ],
    [
      '<ObjectType type="Enumeration" value="0x80000002"/>',
      { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 0x80000002 },
    ],
    [
      '<BatchOrderOption type="Boolean" value="true"/>',
      { tag: Tag.BatchOrderOption, type: ItemType.Boolean, value: true },
    ],
    [
      '<BatchOrderOption type="Boolean" value="0"/>',
      { tag: Tag.BatchOrderOption, type: ItemType.Boolean, value: false },
    ],
    ['<Offset type="Interval" value="27"/>', { tag: Tag.Offset, type: ItemType.Interval, value: 27 }],
    ['<Offset type="Interval" value="4294967295"/>', { tag: Tag.Offset, type: ItemType.Interval, value: 4294967295 }],
    [
      '<TTLV tag="0x540001" type="DateTimeExtended" value="1970-01-01T00:00:01.000002Z"/>',
      { tag: 0x540001, type: ItemType.DateTimeExtended, value: 1_000_002n },
    ],
    [
      '<NameValue type="TextString" value=" &lt;&amp;&gt;&quot;&apos; &#913;&#x391; "/>',
      { tag: Tag.NameValue, type: ItemType.TextString, value: ` <&>"' \u0391\u0391 ` },
    ],
    [
      `<Attribute>
         <AttributeName type="TextString" value="Cryptographic   Usage Mask"/><!-- a comment -->
         <AttributeValue type="Integer" value="Encrypt Decrypt"/>
       </Attribute>`,
      {
        tag: Tag.Attribute,
        type: ItemType.Structure,
        value: [
          { tag: Tag.AttributeName, type: ItemType.TextString, value: 'Cryptographic   Usage Mask' },
          { tag: Tag.AttributeValue, type: ItemType.Integer, value: 12 },
        ],
      },
    ],
    [
      '<AttributeReference type="Enumeration" value="State"/>',
      { tag: Tag.AttributeReference, type: ItemType.Enumeration, value: Tag.State },
    ],
  ];
  for (const [text, item] of rows) it(`reads ${text}`, () => assert.deepEqual(read(text), item));

  const refusals = [
    ['<Nonsense/>', 'bad-tag', []],
    ['<TTLV type="Integer" value="1"/>', 'bad-tag', []],
    ['<BatchCount type="Number" value="1"/>', 'bad-type', [Tag.BatchCount]],
    ['<BatchCount type="Integer"/>', 'bad-syntax', [Tag.BatchCount]],
    ['<BatchCount type="Integer" value="1"><NameValue/></BatchCount>', 'bad-syntax', [Tag.BatchCount]],
    ['<BatchItem value="1"/>', 'bad-syntax', [Tag.BatchItem]],
    ['<BatchItem>text</BatchItem>', 'bad-syntax', [Tag.BatchItem]],
    ['<BatchCount type="Integer" value="2147483648"/>', 'invalid-value', [Tag.BatchCount]],
    ['<BatchCount type="Integer" value="0x100000000"/>', 'invalid-value', [Tag.BatchCount]],
    ['<BatchCount type="Integer" value="1.5"/>', 'invalid-value', [Tag.BatchCount]],
    ['<BatchCount type="Integer" value="Encrypt"/>', 'invalid-value', [Tag.BatchCount]],
    ['<Offset type="Interval" value="-1"/>', 'invalid-value', [Tag.Offset]],
    ['<Data type="ByteString" value="abc"/>', 'invalid-value', [Tag.Data]],
    ['<Data type="ByteString" value="0x"/>', 'invalid-value', [Tag.Data]],
    ['<Modulus type="BigInteger" value="01"/>', 'invalid-value', [Tag.Modulus]],
    ['<Modulus type="BigInteger" value=""/>', 'invalid-value', [Tag.Modulus]],
    ['<BatchOrderOption type="Boolean" value="yes"/>', 'invalid-value', [Tag.BatchOrderOption]],
    ['<ActivationDate type="DateTime" value="yesterday"/>', 'invalid-value', [Tag.ActivationDate]],
    ['<ActivationDate type="DateTime" value="2001-13-01T00:00:00Z"/>', 'invalid-value', [Tag.ActivationDate]],
    [
      '<BatchItem><ObjectType type="Enumeration" value="Kee"/></BatchItem>',
      'unknown-enumeration',
      [Tag.BatchItem, Tag.ObjectType],
    ],
  ] as const;
  for (const [text, code, path] of refusals) {
    it(`refuses ${text}: ${code}`, () => assertTtlvError(() => read(text), { code, offset: 0, path }));
  }

  it('keeps to the budget', () => {
    const nested = (depth: number): string => `${'<BatchItem>'.repeat(depth)}${'</BatchItem>'.repeat(depth)}`;
    const wide = (count: number): string => `<BatchItem>${'<Attribute/>'.repeat(count)}</BatchItem>`;
    read(nested(32));
    assertTtlvError(() => read(nested(33)), { code: 'too-deep' });
    assertTtlvError(() => read(nested(5000)), { code: 'bad-syntax' });
    const limits = { bytes: 1000, depth: 4, items: 10 };
    itemFromXml(parseXml(wide(9), new Budget(limits)), new Budget(limits));
    assertTtlvError(() => parseXml(wide(10), new Budget(limits)), { code: 'too-many-items' });
    assertTtlvError(() => itemFromXml(parseXml(wide(10)), new Budget(limits)), { code: 'too-many-items' });
    assertTtlvError(() => parseXml(' '.repeat(1001), new Budget(limits)), { code: 'too-large' });
  });
});

describe('parseXml', () => {
  const refused = [
    ['nothing', ''],
    ['text', 'KMIP'],
    ['two roots', '<BatchItem/><BatchItem/>'],
    ['an element that does not end', '<BatchItem>'],
    ['ends that do not match', '<BatchItem></Attribute>'],
    ['text around the root', '<BatchItem/>text'],
    ['an attribute twice', '<BatchCount type="Integer" type="Integer" value="1"/>'],
    ['a document type', '<!DOCTYPE BatchItem><BatchItem/>'],
    ['a document type with an entity', '<!DOCTYPE B [<!ENTITY a "b">]><NameValue type="TextString" value="&a;"/>'],
    ['an external entity', '<!DOCTYPE B SYSTEM "file:///etc/passwd"><BatchItem/>'],
    ['an entity that XML does not have', '<NameValue type="TextString" value="&nbsp;"/>'],
    ['an entity named like a property of objects', '<NameValue type="TextString" value="&constructor;"/>'],
    ['an entity without its end', '<NameValue type="TextString" value="a & b"/>'],
    ['a reference to a surrogate', '<NameValue type="TextString" value="&#xD800;"/>'],
    ['a reference beyond Unicode', '<NameValue type="TextString" value="&#x110000;"/>'],
    ['a reference to NUL', '<NameValue type="TextString" value="&#0;"/>'],
  ] as const;
  for (const [name, text] of refused) {
    it(`refuses ${name}`, () => assertTtlvError(() => parseXml(text), { code: 'bad-syntax', offset: 0, path: [] }));
  }

  it('gives elements, attributes and the text between elements', () => {
    const root = parseXml('<?xml version="1.0"?>\n<KMIP>\n# TIME 0\n<A b="1" c="&lt;"/> x <B>y</B>\nend</KMIP>');
    assert.equal(root.text.replace(/\s+/g, ' '), ' # TIME 0 x end');
    const [a, b] = root.children;
    assert.deepEqual(a, { name: 'A', attrs: { b: '1', c: '<' }, children: [], text: '', before: '\n# TIME 0\n' });
    assert.partialDeepStrictEqual(b, { name: 'B', text: 'y', before: ' x ' });
  });
});

describe('xmlFromItem', () => {
  it('writes names where the standard has them, and numbers where not', () => {
    const attribute = (name: string, value: Item): Item => ({
      tag: Tag.Attribute,
      type: ItemType.Structure,
      value: [{ tag: Tag.AttributeName, type: ItemType.TextString, value: name }, value],
    });
    const item: Item = {
      tag: Tag.RequestPayload,
      type: ItemType.Structure,
      value: [
        attribute('Cryptographic Usage Mask', { tag: Tag.AttributeValue, type: ItemType.Integer, value: 0x4000000c }),
        attribute('State', { tag: Tag.AttributeValue, type: ItemType.Enumeration, value: 2 }),
        attribute('x-Mine', { tag: Tag.AttributeValue, type: ItemType.Enumeration, value: 2 }),
        { tag: 0x540001, type: ItemType.TextString, value: '<"\n' },
        { tag: 0x540002, type: ItemType.Structure, value: [{ tag: Tag.Offset, type: ItemType.Interval, value: 1 }] },
        { tag: Tag.ActivationDate, type: ItemType.DateTime, value: 2 ** 40 },
      ],
    };
    assert.equal(
      xmlFromItem(item),
      `<RequestPayload>
  <Attribute>
    <AttributeName type="TextString" value="Cryptographic Usage Mask"/>
    <AttributeValue type="Integer" value="Encrypt Decrypt 0x40000000"/>
  </Attribute>
  <Attribute>
    <AttributeName type="TextString" value="State"/>
    <AttributeValue type="Enumeration" value="Active"/>
  </Attribute>
  <Attribute>
    <AttributeName type="TextString" value="x-Mine"/>
    <AttributeValue type="Enumeration" value="0x00000002"/>
  </Attribute>
  <TTLV tag="0x540001" type="TextString" value="&lt;&quot;&#10;"/>
  <TTLV tag="0x540002">
    <Offset type="Interval" value="1"/>
  </TTLV>
  <ActivationDate type="DateTime" value="0x0000010000000000"/>
</RequestPayload>
`,
    );
    assert.deepEqual(read(xmlFromItem(item)), item);
  });

  it('refuses texts that XML cannot hold', () => {
    for (const value of ['\0', 'a\u001b', '\uffff']) {
      assert.throws(() => xmlFromItem({ tag: Tag.NameValue, type: ItemType.TextString, value }), RangeError);
    }
  });

  it('gives back any other item', () => {
    fc.assert(
      fc.property(items, (item) => {
        let text: string;
        try {
          text = xmlFromItem(item);
        } catch (error) {
          assert.ok(error instanceof RangeError);
          return;
        }
        assert.deepEqual(read(text), item);
      }),
    );
  });
});
