import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ErrorName, KmipError } from '../../../src/errors.ts';
import type { OperationCodecs } from '../../../src/kmip/message.ts';
import { RequestDecoder, type RequestItem, type RequestMessage, RequestRejected } from '../../../src/kmip/request.ts';
import { type Item, ItemType } from '../../../ttlv/item.ts';
import { AsynchronousIndicator, CredentialType, ObjectType, Operation } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { bool, code, date, hex, int, itemOf, protocol, requestOf, struct, text } from '../../support/items.ts';
import { payloads } from '../../support/payloads.ts';
import { ttlvBytes } from '../../support/ttlv-bytes.ts';

const decoder = new RequestDecoder(payloads, { bytes: 1 << 16, depth: 16, items: 1000, batchCount: 3 });
const decode = (message: Item): RequestMessage<OperationCodecs> => decoder.decode(ttlvBytes(message));

const get = (id = 'a', batchId?: string): Item => itemOf(Operation.Get, [text('UniqueIdentifier', id)], batchId);

function rejection(bytes: Buffer): RequestRejected {
  try {
    decoder.decode(bytes);
  } catch (error) {
    if (error instanceof RequestRejected) return error;
    throw error;
  }
  return assert.fail('the message was decoded');
}

function errorOf(item: RequestItem<OperationCodecs> | undefined): string {
  return item?.request instanceof KmipError ? item.request.error : assert.fail('the item was decoded');
}

function payloadOf(item: RequestItem<OperationCodecs> | undefined): unknown {
  if (item === undefined || item.request instanceof KmipError) return assert.fail(String(item?.request));
  return item.request.payload;
}

describe('a request', () => {
  it('is decoded into header and items', () => {
    const { version, header, ordered, continuation, credentials, items } = decode(
      requestOf(
        12,
        [get('a', '01'), get('b', '02')],
        int('MaximumResponseSize', 8192),
        code('BatchErrorContinuationOption', 1),
        bool('BatchOrderOption', true),
        date('TimeStamp', 1_700_000_000),
      ),
    );
    assert.equal(version, 12);
    assert.equal(header.maximumResponseSize, 8192);
    assert.equal(header.timeStamp, 1_700_000_000);
    assert.deepEqual(
      { ordered, continuation, credentials },
      { ordered: true, continuation: 'continue', credentials: [] },
    );
    assert.deepEqual(
      items.map((item) => [item.name, item.uniqueBatchItemId?.toString('hex')]),
      [
        ['Get', '01'],
        ['Get', '02'],
      ],
    );
    assert.deepEqual(items.map(payloadOf), [{ uniqueIdentifier: 'a' }, { uniqueIdentifier: 'b' }]);
  });

  it('assumes Stop, and in order', () => {
    assert.deepEqual([decode(requestOf(14, [get()])).ordered, decode(requestOf(20, [get()])).ordered], [true, true]);
    assert.equal(decode(requestOf(20, [get()], bool('BatchOrderOption', false))).ordered, false);
    assert.equal(decode(requestOf(14, [get()])).continuation, 'stop');
    assert.equal(decode(requestOf(14, [get()], code('BatchErrorContinuationOption', 3))).continuation, 'undo');
  });

  it('has a Boolean as Asynchronous Indicator in 1.x, an Enumeration in 2.x', () => {
    const indicator = (message: Item) => decode(message).header.asynchronousIndicator;
    assert.equal(
      indicator(requestOf(12, [get()], bool('AsynchronousIndicator', true))),
      AsynchronousIndicator.Optional,
    );
    assert.equal(
      indicator(requestOf(12, [get()], bool('AsynchronousIndicator', false))),
      AsynchronousIndicator.Prohibited,
    );
    assert.equal(indicator(requestOf(20, [get()], code('AsynchronousIndicator', 1))), AsynchronousIndicator.Mandatory);
    assert.equal(
      rejection(ttlvBytes(requestOf(20, [get()], bool('AsynchronousIndicator', true)))).cause.error,
      'invalid-message',
    );
  });

  it('names objects by text, since 2.0 also by an operation or a number of the batch', () => {
    const named = (version: 14 | 20, identifier: Item) =>
      decode(requestOf(version, [itemOf(Operation.Get, [identifier])])).items[0];
    assert.deepEqual(payloadOf(named(20, code('UniqueIdentifier', 1))), { uniqueIdentifier: { enumeration: 1 } });
    assert.deepEqual(payloadOf(named(20, int('UniqueIdentifier', -1))), { uniqueIdentifier: { integer: -1 } });
    assert.equal(errorOf(named(20, code('UniqueIdentifier', 99))), 'invalid-field');
    assert.equal(errorOf(named(14, int('UniqueIdentifier', 0))), 'invalid-message');
  });

  it('carries credentials', () => {
    const password = struct(
      'Authentication',
      struct(
        'Credential',
        code('CredentialType', 1),
        struct('CredentialValue', text('Username', 'Fred'), text('Password', 'password1')),
      ),
    );
    assert.deepEqual(decode(requestOf(10, [get()], password)).credentials, [
      {
        credentialType: CredentialType.UsernameAndPassword,
        credentialValue: { username: 'Fred', password: 'password1' },
      },
    ]);
    const ticket = struct(
      'Authentication',
      struct(
        'Credential',
        code('CredentialType', 6),
        struct('CredentialValue', struct('Ticket', code('TicketType', 1), hex('TicketValue', 'abcd'))),
      ),
    );
    const [credential] = decode(requestOf(20, [get()], ticket)).credentials;
    assert.deepEqual(credential?.credentialValue, {
      ticket: { ticketType: 1, ticketValue: Buffer.from('abcd', 'hex') },
    });
    assert.equal(rejection(ttlvBytes(requestOf(14, [get()], ticket))).cause.error, 'invalid-field');
  });
});

describe('a wrong batch item', () => {
  const wrong: readonly (readonly [string, Item, ErrorName])[] = [
    ['an operation that nobody knows', itemOf(0x99, [], 'aa'), 'not-supported'],
    ['an operation of a later version', itemOf(Operation.Encrypt, [hex('Data', '00')], 'aa'), 'not-supported'],
    ['a field of a later version', itemOf(Operation.Get, [code('KeyWrapType', 1)], 'aa'), 'invalid-field'],
    [
      'a field twice',
      itemOf(Operation.Get, [text('UniqueIdentifier', 'a'), text('UniqueIdentifier', 'a')], 'aa'),
      'invalid-message',
    ],
    [
      'fields in another order',
      itemOf(Operation.Get, [code('KeyFormatType', 1), text('UniqueIdentifier', 'a')], 'aa'),
      'invalid-message',
    ],
    ['a field of another type', itemOf(Operation.Get, [code('UniqueIdentifier', 1)], 'aa'), 'invalid-message'],
    [
      'no field where one is required',
      itemOf(Operation.Create, [code('ObjectType', ObjectType.SymmetricKey)], 'aa'),
      'invalid-message',
    ],
    [
      'an object type that is none',
      itemOf(Operation.Create, [code('ObjectType', 0x77), struct('TemplateAttribute')], 'aa'),
      'invalid-field',
    ],
    ['a usage that is none', itemOf(Operation.Check, [int('CryptographicUsageMask', 1 << 30)], 'aa'), 'invalid-field'],
  ];
  for (const [what, item, error] of wrong) {
    it(`with ${what} fails alone, as ${error}`, () => {
      const { items } = decode(requestOf(11, [get('a', '01'), item, get('b', '02')]));
      assert.deepEqual(
        [payloadOf(items[0]), payloadOf(items[2])],
        [{ uniqueIdentifier: 'a' }, { uniqueIdentifier: 'b' }],
      );
      assert.equal(errorOf(items[1]), error);
      assert.equal(items[1]?.uniqueBatchItemId?.toString('hex'), 'aa');
      const [operation] = item.value as readonly Item[];
      assert.equal(items[1]?.code, operation?.value);
    });
  }

  it('tells in its message where, and no value', () => {
    const password = text('UniqueIdentifier', 'hunter2');
    const [item] = decode(requestOf(12, [itemOf(Operation.Get, [password, password])])).items;
    assert.match(String(item?.request), /RequestPayload > UniqueIdentifier/);
    assert.doesNotMatch(String(item?.request), /hunter2/);
  });
});

describe('a wrong message', () => {
  const rows: readonly (readonly [string, Item, ErrorName])[] = [
    [
      'fewer items than it says',
      struct('RequestMessage', struct('RequestHeader', protocol(1, 2), int('BatchCount', 2)), get('a', '01')),
      'invalid-message',
    ],
    [
      'more items than it says',
      struct(
        'RequestMessage',
        struct('RequestHeader', protocol(1, 2), int('BatchCount', 1)),
        get('a', '01'),
        get('a', '02'),
      ),
      'invalid-message',
    ],
    ['no items', requestOf(12, []), 'invalid-message'],
    [
      'a negative Batch Count',
      struct('RequestMessage', struct('RequestHeader', protocol(1, 2), int('BatchCount', -1))),
      'invalid-message',
    ],
    [
      'more items than are allowed',
      requestOf(
        12,
        ['01', '02', '03', '04'].map((id) => get('a', id)),
      ),
      'limit-exceeded',
    ],
    ['a batch without identifiers', requestOf(12, [get(), get()]), 'invalid-message'],
    ['no Batch Count', struct('RequestMessage', struct('RequestHeader', protocol(1, 2)), get()), 'invalid-message'],
    ['a header field of a later version', requestOf(13, [get()], text('ClientCorrelationValue', 'x')), 'invalid-field'],
    [
      'a header field twice',
      requestOf(12, [get()], int('MaximumResponseSize', 9), int('MaximumResponseSize', 9)),
      'invalid-message',
    ],
    [
      'the header of an answer',
      struct('RequestMessage', struct('ResponseHeader', protocol(1, 2), int('BatchCount', 1)), get()),
      'invalid-message',
    ],
  ];
  for (const [what, message, error] of rows) {
    it(`with ${what} is rejected as ${error}, in its own version`, () => {
      const rejected = rejection(ttlvBytes(message));
      assert.equal(rejected.cause.error, error);
      assert.equal(rejected.version, rejected.protocolVersion.minor + 10);
    });
  }

  it('with a critical extension in one item is refused in all, with their operations (KMIP 1.2, 6.16)', () => {
    const extension = (isCritical: boolean) =>
      struct(
        'MessageExtension',
        text('VendorIdentification', 'Acme'),
        bool('CriticalityIndicator', isCritical),
        struct('VendorExtension'),
      );
    const batch = (isCritical: boolean) => {
      const [operation, id] = [code('Operation', Operation.Check), hex('UniqueBatchItemID', '02')];
      const extended = struct('BatchItem', operation, id, struct('RequestPayload'), extension(isCritical));
      return decode(requestOf(12, [get('a', '01'), extended])).items;
    };
    const refused = batch(true);
    assert.deepEqual(refused.map(errorOf), ['feature-not-supported', 'feature-not-supported']);
    assert.deepEqual(
      refused.map((item) => item.code),
      [Operation.Get, Operation.Check],
    );
    assert.deepEqual(
      refused.map((item) => item.uniqueBatchItemId?.toString('hex')),
      ['01', '02'],
    );
    assert.deepEqual(batch(false).map(payloadOf), [{ uniqueIdentifier: 'a' }, {}]);
  });

  it('of a version that is not spoken is rejected with the list of those that are', () => {
    for (const [major, minor] of [
      [1, 5],
      [2, 2],
      [3, 0],
      [0, 9],
    ] as const) {
      const rejected = rejection(
        ttlvBytes(
          struct('RequestMessage', struct('RequestHeader', protocol(major, minor), int('BatchCount', 1)), get()),
        ),
      );
      assert.equal(rejected.cause.error, 'unsupported-version');
      assert.match(rejected.cause.message, /1\.0, 1\.1, 1\.2, 1\.3, 1\.4, 2\.0, 2\.1/);
      assert.deepEqual(rejected.protocolVersion, { major, minor });
      assert.equal(rejected.version, major < 2 ? 10 : 21);
    }
  });

  it('of which no version can be read is answered in the lowest one', () => {
    const noVersion = struct('RequestMessage', struct('RequestHeader', int('BatchCount', 1)), get());
    for (const bytes of [ttlvBytes(noVersion), Buffer.from('garbage'), Buffer.alloc(0)]) {
      const rejected = rejection(bytes);
      assert.equal(rejected.cause.error, 'invalid-message');
      assert.deepEqual([rejected.version, rejected.protocolVersion], [10, { major: 1, minor: 0 }]);
    }
  });

  it('that is no TTLV somewhere is rejected whole, even behind the error of an item', () => {
    const bytes = ttlvBytes(
      requestOf(12, [get('a', '01'), itemOf(Operation.Get, [bool('Fresh', true), bool('Fresh', true)], '02')]),
    );
    assert.equal(decoder.decode(bytes).items.length, 2);
    bytes[bytes.length - 1] = 7;
    assert.equal(rejection(bytes).cause.error, 'invalid-message');
  });

  it('never raises anything but RequestRejected, whatever its bytes', () => {
    const valid = ttlvBytes(
      requestOf(14, [
        get('a', '01'),
        itemOf(
          Operation.Create,
          [
            code('ObjectType', 2),
            struct(
              'TemplateAttribute',
              struct('Attribute', text('AttributeName', 'x-a'), {
                tag: Tag.AttributeValue,
                type: ItemType.Integer,
                value: 7,
              }),
            ),
          ],
          '02',
        ),
      ]),
    );
    fc.assert(
      fc.property(
        fc.nat(valid.length - 1),
        fc.nat(255),
        fc.nat(valid.length - 1),
        fc.nat(255),
        (at, byte, also, other) => {
          const bytes = Buffer.from(valid);
          bytes[at] = byte;
          bytes[also] = other;
          try {
            decoder.decode(bytes);
          } catch (error) {
            assert.ok(error instanceof RequestRejected, String(error));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
