import assert from 'node:assert/strict';
import { Budget } from '../../../ttlv/budget.ts';
import type { Item } from '../../../ttlv/item.ts';
import { decodeItem } from '../../../ttlv/reader.ts';
import {
  AsynchronousIndicator,
  BatchErrorContinuationOption,
  CredentialType,
  ObjectType,
  Operation,
  QueryFunction,
  RevocationReasonCode,
} from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { type Version, versions } from '../../../ttlv/tables/versions.ts';
import { childrenOf } from '../../conformance/walk.ts';
import { attribute, bool, code, date, int, itemOf, protocol, struct, text } from '../../support/items.ts';
import { outcomesIn, valueIn } from '../../support/requests.ts';
import { ttlvBytes } from '../../support/ttlv-bytes.ts';
import { aes256 } from '../material.ts';
import { attributesIn, identifierIn, name, payloadOf, served, templateOf } from '../session.ts';

const { Activate, Create, Destroy, Get, GetAttributes, Locate, Query, Revoke, DiscoverVersions } = Operation;

describe('interop/checklist: messages', () => {
  const suite = served();
  const { session } = suite;

  const createItem = (version: Version, id?: string): Item =>
    itemOf(Create, [code('ObjectType', ObjectType.SymmetricKey), templateOf(version, ...aes256)], id);

  for (const version of versions) {
    it(`4: every operation that ${version} does not offer is Operation Not Supported, beside items that work`, async () => {
      const query = await session(version).done(Query, code('QueryFunction', QueryFunction.QueryOperations));
      const offered = childrenOf(query).map(({ value }) => value);
      // 127 is none of the standard's.
      const others = [...Object.values(Operation), 127].filter(
        (one) => !offered.includes(one) && one !== DiscoverVersions,
      );
      for (const operation of others) {
        const header = code('BatchErrorContinuationOption', BatchErrorContinuationOption.Continue);
        const [refused, works] = await session(version).batch([itemOf(operation, []), createItem(version)], header);
        assert.equal(refused?.result, 'OperationNotSupported', `operation ${operation}`);
        assert.equal(works?.result, 'Success');
      }
    });

    it(`7: the header of an answer in ${version}: its version, Time Stamp, Batch Count; of an error, too`, async () => {
      // Session checks the header of each.
      assert.equal(
        await session(version).reason(Get, text('UniqueIdentifier', 'nobody')),
        version < 20 ? 'ItemNotFound' : 'ObjectNotFound',
      );
      assert.equal(await session(version).reason(Create), 'InvalidMessage');
    });
  }

  it('4: an unknown attribute fails its own item only', async () => {
    const header = code('BatchErrorContinuationOption', BatchErrorContinuationOption.Continue);
    const filter = attribute('No Such Thing', text('Name', 'x'));
    const [refused, works] = await session(12).batch([itemOf(Locate, [filter]), createItem(12)], header);
    assert.notEqual(refused?.result, 'Success');
    assert.equal(works?.result, 'Success');
  });

  it('4: versions that do not exist get a well-formed answer, and the connection stays usable', async () => {
    const { client } = session(12);
    for (const [major, minor] of [
      [0, 9],
      [1, 5],
      [1, 99],
      [2, 2],
      [3, 0],
      [99, 0],
    ] as const) {
      const message = struct(
        'RequestMessage',
        struct('RequestHeader', protocol(major, minor), int('BatchCount', 1)),
        itemOf(DiscoverVersions, []),
      );
      const [outcome] = outcomesIn(await client.exchange(ttlvBytes(message)));
      assert.ok(['InvalidMessage', 'UnsupportedProtocolVersion'].includes(outcome?.result ?? ''));
      assert.match(outcome?.message ?? '', /2\.1/);
    }
    assert.ok(await session(12).create(...aes256));
  });

  it('7: an error before the version was read answers in the lowest version', async () => {
    const client = await suite.server.connect();
    const answer = await client.exchange(ttlvBytes(struct('RequestMessage', int('BatchCount', 1))));
    const header = decodeItem(answer, new Budget());
    assert.deepEqual([valueIn(header, Tag.ProtocolVersionMajor), valueIn(header, Tag.ProtocolVersionMinor)], [1, 0]);
    assert.notEqual(valueIn(header, Tag.TimeStamp), undefined);
    assert.equal(outcomesIn(answer)[0]?.result, 'InvalidMessage');
  });

  for (const id of ['00000001', '514c4b4301000000', '0102030405060708090a0b0c', '000102030405060708090a0b0c0d0e0f']) {
    it(`8: a Unique Batch Item ID of ${id.length / 2} bytes is echoed, of a single, a failed and a batched item`, async () => {
      // Session compares operation and identifier with the request.
      const failing = itemOf(Get, [text('UniqueIdentifier', 'nobody')], id);
      await session(14).batch([createItem(14, id)]);
      await session(14).batch([failing]);
      const header = code('BatchErrorContinuationOption', BatchErrorContinuationOption.Continue);
      const outcomes = await session(14).batch([createItem(14, id), failing, createItem(14)], header);
      assert.deepEqual(
        outcomes.map(({ result }) => result),
        ['Success', 'ItemNotFound', 'Success'],
      );
    });
  }

  it('18: Maximum Response Size: what is larger is Response Too Large, and ordinary answers fit 8000 bytes', async () => {
    const one = session(14);
    const id = await one.create(...aes256, name('some key'));
    const get = itemOf(Get, [text('UniqueIdentifier', id)]);
    const [small] = await one.batch([get], int('MaximumResponseSize', 100));
    assert.equal(small?.result, 'ResponseTooLarge');
    const [key] = await one.batch([get], int('MaximumResponseSize', 8000));
    assert.equal(key?.result, 'Success');
    const all = [itemOf(GetAttributes, [text('UniqueIdentifier', id)]), itemOf(Locate, [int('MaximumItems', 100)])];
    for (const item of all) {
      assert.equal((await one.batch([item], int('MaximumResponseSize', 8000)))[0]?.result, 'Success');
    }
  });

  for (const version of [10, 12, 14, 20, 21] as const) {
    it(`20: a user name and a password in the header of ${version} are accepted, and the certificate decides`, async () => {
      const id = await session(version).create(...aes256);
      const value = struct('CredentialValue', text('Username', 'bob'), text('Password', 'a password'));
      const credential = struct('Credential', code('CredentialType', CredentialType.UsernameAndPassword), value);
      const authentication = struct('Authentication', credential);
      const [outcome] = await session(version).batch([itemOf(Get, [text('UniqueIdentifier', id)])], authentication);
      assert.equal(identifierIn(payloadOf(outcome ?? assert.fail())), id);
    });
  }

  it('24: failures of every kind have a Result Reason and a short message', async () => {
    // Session checks reason and message of each.
    const one = session(14);
    const long = 'n'.repeat(20_000);
    const failing: readonly Item[] = [
      itemOf(Get, [text('UniqueIdentifier', long)]),
      itemOf(Get, [int('BatchCount', 1)]),
      itemOf(Get, []),
      itemOf(Create, [code('ObjectType', 99)]),
      itemOf(Create, [code('ObjectType', ObjectType.SymmetricKey), templateOf(14)]),
      itemOf(Locate, [attribute(long, text('Name', 'x'))]),
      itemOf(127, []),
    ];
    for (const item of failing) {
      const [outcome] = await one.batch([item]);
      assert.notEqual(outcome?.result, 'Success');
    }
  });

  it('27: identifiers are short printable ASCII, and stay', async () => {
    const id = await session(10).create(...aes256);
    assert.match(id, /^[\x21-\x7e]{1,64}$/);
    await session(10).activate(id);
    await session(14).revoke(id);
    assert.equal(identifierIn(await session(21).done(GetAttributes, text('UniqueIdentifier', id))), id);
  });

  it('31: a Time Stamp far off and Batch Order Option in a batch of one are accepted', async () => {
    const headers: readonly (readonly Item[])[] = [
      [date('TimeStamp', 0)],
      [date('TimeStamp', 4_102_444_800)],
      [bool('BatchOrderOption', true)],
      [bool('BatchOrderOption', false)],
      [code('BatchErrorContinuationOption', BatchErrorContinuationOption.Undo)],
    ];
    for (const header of headers) {
      const [outcome] = await session(12).batch([createItem(12)], ...header);
      assert.equal(outcome?.result, 'Success');
    }
  });

  it('31: Asynchronous Indicator false and Attestation Capable Indicator are accepted', async () => {
    const lax: readonly (readonly [Version, Item])[] = [
      [10, bool('AsynchronousIndicator', false)],
      [14, bool('AsynchronousIndicator', false)],
      [21, code('AsynchronousIndicator', AsynchronousIndicator.Prohibited)],
      [12, bool('AttestationCapableIndicator', false)],
      [14, bool('AttestationCapableIndicator', true)],
    ];
    for (const [version, field] of lax) {
      const [outcome] = await session(version).batch([createItem(version)], field);
      assert.equal(outcome?.result, 'Success', `${version}: ${outcome?.message}`);
    }
  });

  it('32: Continue, Stop and Undo, with and without Batch Order Option', async () => {
    const one = session(12);
    const items = [createItem(12), itemOf(Get, [text('UniqueIdentifier', 'nobody')]), createItem(12)];
    const expected = { Continue: ['Success', 'ItemNotFound', 'Success'], Stop: ['Success', 'ItemNotFound'] };
    for (const [option, results] of Object.entries(expected)) {
      for (const order of [[], [bool('BatchOrderOption', true)]]) {
        const header = code('BatchErrorContinuationOption', BatchErrorContinuationOption[option as 'Stop']);
        const outcomes = await one.batch(items, header, ...order);
        assert.deepEqual(
          outcomes.map(({ result }) => result),
          results,
        );
      }
    }
    // Stop is the default.
    assert.equal((await one.batch(items)).length, 2);
    const count = (await one.locate([])).length;
    const undone = await one.batch(items, code('BatchErrorContinuationOption', BatchErrorContinuationOption.Undo));
    assert.deepEqual(
      undone.map(({ result }) => result),
      ['OperationUndone', 'ItemNotFound'],
    );
    assert.equal((await one.locate([])).length, count);
  });

  it('32: the ID Placeholder leads from Create and from Locate to the items after it', async () => {
    const ordered = bool('BatchOrderOption', true);
    const named = itemOf(Create, [
      code('ObjectType', ObjectType.SymmetricKey),
      templateOf(10, ...aes256, name('placeholder')),
    ]);
    const state = text('AttributeName', 'State');
    const [made, , attributes] = await session(10).batch(
      [named, itemOf(Get, []), itemOf(GetAttributes, [state])],
      ordered,
    );
    assert.equal(attributesIn(payloadOf(attributes ?? assert.fail())).length, 1);
    const filter = attribute('Name', name('placeholder'));
    const [, got] = await session(10).batch(
      [itemOf(Locate, [int('MaximumItems', 1), filter]), itemOf(Get, [])],
      ordered,
    );
    assert.equal(identifierIn(payloadOf(got ?? assert.fail())), identifierIn(payloadOf(made ?? assert.fail())));
  });

  it('32: the ID Placeholder needs no Batch Order Option: ovh/kmip-go has none in the batches it builds', async () => {
    const one = session(14);
    const reason = struct('RevocationReason', code('RevocationReasonCode', RevocationReasonCode.CessationOfOperation));
    const outcomes = await one.batch([
      createItem(14),
      itemOf(Activate, []),
      itemOf(Revoke, [reason]),
      itemOf(Destroy, []),
    ]);
    assert.deepEqual(
      outcomes.map(({ result }) => result),
      ['Success', 'Success', 'Success', 'Success'],
    );
    assert.equal(
      identifierIn(payloadOf(outcomes[3] ?? assert.fail())),
      identifierIn(payloadOf(outcomes[0] ?? assert.fail())),
    );
    const denied = await one.batch([createItem(14), itemOf(Activate, [])], bool('BatchOrderOption', false));
    assert.deepEqual(
      denied.map(({ result }) => result),
      ['Success', 'ItemNotFound'],
    );
  });

  it('32: four items at once, as a disk array asks: Query, Locate, Get, Get Attributes', async () => {
    const one = session(10);
    const custom = attribute('x-Array Name', text('Name', 'site 1/array 2'));
    const id = await one.create(...aes256, custom);
    const outcomes = await one.batch(
      [
        itemOf(Query, [code('QueryFunction', QueryFunction.QueryOperations)]),
        itemOf(Locate, [custom]),
        itemOf(Get, []),
        itemOf(GetAttributes, [text('AttributeName', 'x-Array Name'), text('AttributeName', 'State')]),
      ],
      bool('BatchOrderOption', true),
    );
    assert.deepEqual(
      outcomes.map(({ result }) => result),
      ['Success', 'Success', 'Success', 'Success'],
    );
    assert.equal(identifierIn(payloadOf(outcomes[3] ?? assert.fail())), id);
  });
});
