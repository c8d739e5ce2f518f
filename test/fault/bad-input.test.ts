import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { type Item, ItemType } from '../../ttlv/item.ts';
import {
  CryptographicAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  PaddingMethod,
} from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Client } from '../support/client.ts';
import {
  attribute,
  batchItem,
  bytes,
  createAes,
  created,
  enumeration,
  integer,
  on,
  outcomeOf,
  outcomesIn,
  protocolVersion,
  request,
  structure,
  text,
} from '../support/requests.ts';
import { TestServer } from '../support/server.ts';
import { ttlvBytes } from '../support/ttlv-bytes.ts';

const MAX_BYTES = 65_536;

describe('fault/bad-input', function () {
  this.timeout(30_000);
  let server: TestServer;
  let bystander: Client;

  before(async () => {
    const limits = {
      KMS_MAX_MESSAGE_BYTES: String(MAX_BYTES),
      KMS_MAX_MESSAGE_ITEMS: '1000',
      KMS_MESSAGE_TIMEOUT: '1',
    };
    server = await TestServer.start({ env: limits });
    bystander = await server.connect('bystander');
  });
  after(() => server.stop());
  afterEach('nobody else is harmed', async () => {
    assert.equal((await outcomeOf(bystander, createAes())).result, 'Success');
  });

  /** Failures in the audit file, as `operation reason`. */
  function failures(): string[] {
    const entries = server.audit().filter(({ result }) => result === 'failed' || result === 'denied');
    return entries.map(({ operation, reason }) => `${operation} ${reason}`);
  }

  /** Sends bytes that are to be refused, and answers the results of all answers until the connection is closed. */
  async function lastWords(message: Buffer): Promise<string[]> {
    const client = await server.connect('mallory');
    const before = failures().length;
    client.send(message);
    const results: string[] = [];
    for (let answer = await client.answer(); answer !== undefined; answer = await client.answer()) {
      results.push(...outcomesIn(answer).map(({ result }) => result));
    }
    assert.ok(failures().length > before, 'there is no audit entry');
    return results;
  }

  /** Sends a message that is to be refused by an answer; the connection has to stay usable. */
  async function results(message: Buffer): Promise<string[]> {
    const client = await server.connect('mallory');
    const before = failures().length;
    const outcomes = outcomesIn(await client.exchange(message));
    for (const outcome of outcomes)
      assert.ok(outcome.result === 'Success' || outcome.message !== '', 'no Result Message');
    assert.ok(failures().length > before, 'there is no audit entry');
    assert.equal((await outcomeOf(client, createAes())).result, 'Success');
    await client.close();
    return outcomes.map(({ result }) => result);
  }

  const valid = ttlvBytes(request(14, createAes()));

  describe('ends the connection after', () => {
    const cases: readonly [string, Buffer][] = [
      ['garbage', randomBytes(4096)],
      ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
      ['a response', Buffer.concat([Buffer.from('42007b01', 'hex'), valid.subarray(4)])],
      ['the announcement of more bytes than allowed', Buffer.from('4200780100010000', 'hex')],
      ['a length that is no multiple of eight', Buffer.from('4200780100000011', 'hex')],
      ['a message that never ends', valid.subarray(0, valid.length - 1)],
    ];
    for (const [what, message] of cases) {
      it(what, async () => {
        const words = await lastWords(message);
        assert.ok(words.length === 0 || words.join() === 'InvalidMessage', words.join());
      });
    }

    it('a message that the client breaks off', async () => {
      const before = failures().length;
      const client = await server.connect('mallory');
      client.socket.end(valid.subarray(0, 100));
      assert.equal(await client.answer(), undefined);
      // The client sees the end before the entry is written.
      while (failures().length === before) await setTimeout(20);
      assert.match(failures().slice(before).join(), / truncated$/);
    });
  });

  describe('answers Invalid Message to', () => {
    /** The valid message with a few bytes changed, found by what stands before. */
    function broken(before: string, change: (following: Buffer) => void): Buffer {
      const message = Buffer.from(valid);
      change(message.subarray(message.indexOf(before, 'hex') + before.length / 2));
      return message;
    }
    const header = (...items: Item[]): Item => structure(Tag.RequestHeader, ...items);
    const count = (value: number): Item => integer(Tag.BatchCount, value);
    const message = (...items: Item[]): Buffer => ttlvBytes(structure(Tag.RequestMessage, ...items));
    const v14 = protocolVersion(1, 4);
    const wrapped = (tag: number, content: Buffer): Buffer => {
      const start = Buffer.from([tag >> 16, tag >> 8, tag, ItemType.Structure, 0, 0, 0, 0]);
      start.writeUInt32BE(content.length, 4);
      return Buffer.concat([start, content]);
    };
    /** A Query whose payload holds that many structures, one in the other. */
    const nested = (depth: number): Buffer => {
      let payload = ttlvBytes(count(1));
      for (let i = 0; i < depth; i++) payload = wrapped(Tag.RequestPayload, payload);
      const item = Buffer.concat([ttlvBytes(enumeration(Tag.Operation, Operation.Query)), payload]);
      return wrapped(
        Tag.RequestMessage,
        Buffer.concat([ttlvBytes(header(v14, count(1))), wrapped(Tag.BatchItem, item)]),
      );
    };
    const many = Array.from({ length: 2_000 }, () => integer(Tag.BatchCount, 1));

    const cases: readonly [string, Buffer][] = [
      ['structures nested 33 deep', nested(31)],
      ['structures nested 5 000 deep', nested(5_000)],
      ['more items than allowed', ttlvBytes(request(14, batchItem(Operation.Query, ...many)))],
      ['an item longer than the structure around it', broken('42005c05', (at) => at.writeUInt32BE(0x7fff_fff8))],
      ['padding that is not zero', broken('42005c0500000004', (at) => at.writeUInt8(1, 7))],
      ['an item type that does not exist', broken('42005c', (at) => at.writeUInt8(0x0c))],
      ['text that is not UTF-8', broken('42000a07', (at) => at.writeUInt8(0xff, 4))],
      ['bytes after the last batch item', message(header(v14, count(1)), createAes(), text(Tag.Comment, 'x'))],
      ['a message without a header', message(createAes())],
      ['an empty message', message()],
      ['a header without a version', message(header(count(1)), createAes())],
      ['a header without a batch count', message(header(v14), createAes())],
      ['two headers', message(header(v14, count(1)), header(v14, count(1)), createAes())],
      ['a header field that is given twice', message(header(v14, count(1), count(1)), createAes())],
      ['a batch count above the items there are', message(header(v14, count(2)), createAes())],
      ['a batch count below the items there are', message(header(v14, count(1)), createAes(), createAes())],
      ['a batch count of zero', message(header(v14, count(0)))],
      ['a negative batch count', message(header(v14, count(-1)), createAes())],
      ['a batch item without an operation', message(header(v14, count(1)), structure(Tag.BatchItem))],
    ];
    for (const [what, message] of cases) {
      it(what, async () => assert.deepEqual(await results(message), ['InvalidMessage']));
    }

    it('a batch count of two thousand million, or says that it is too many', async () => {
      const [result, ...others] = await results(message(header(v14, count(0x7fff_ffff)), createAes()));
      assert.ok(result === 'InvalidMessage' || result === 'GeneralFailure', String(result));
      assert.deepEqual(others, []);
    });

    for (const [major, minor] of [
      [0, 9],
      [1, 9],
      [3, 0],
      [2, 9],
      [-1, 2_147_483_647],
    ] as const) {
      it(`version ${major}.${minor}, or says that it is not supported`, async () => {
        const expected = major < 2 ? 'InvalidMessage' : 'UnsupportedProtocolVersion';
        assert.deepEqual(await results(message(header(protocolVersion(major, minor), count(1)), createAes())), [
          expected,
        ]);
      });
    }
  });

  describe('fails the item alone for', () => {
    const type = enumeration(Tag.ObjectType, ObjectType.SymmetricKey);
    const template = structure(Tag.TemplateAttribute);
    const wrongType: Item = { tag: Tag.ObjectType, type: ItemType.Integer, value: 2 };
    const key = (algorithm: number, length: number, material: Buffer, format: number): Item =>
      structure(
        Tag.KeyBlock,
        enumeration(Tag.KeyFormatType, format),
        structure(Tag.KeyValue, bytes(Tag.KeyMaterial, material)),
        enumeration(Tag.CryptographicAlgorithm, algorithm),
        integer(Tag.CryptographicLength, length),
      );
    const register = (objectType: number, tag: number, block: Item): Item =>
      batchItem(
        Operation.Register,
        enumeration(Tag.ObjectType, objectType),
        structure(
          Tag.TemplateAttribute,
          attribute('Cryptographic Usage Mask', (value) => integer(value, 12)),
        ),
        structure(tag, block),
      );
    const { AES, RSA } = CryptographicAlgorithm;
    const symmetric = (algorithm: number): Item =>
      batchItem(
        Operation.Create,
        type,
        structure(
          Tag.TemplateAttribute,
          attribute('Cryptographic Algorithm', (tag) => enumeration(tag, algorithm)),
          attribute('Cryptographic Length', (tag) => integer(tag, 256)),
          attribute('Cryptographic Usage Mask', (tag) => integer(tag, 12)),
        ),
      );

    const cases: readonly [string, Item, string][] = [
      ['an operation that does not exist', batchItem(0xff as Operation), 'OperationNotSupported'],
      ['an operation of a later version', on('x', Operation.SetAttribute), 'OperationNotSupported'],
      ['a payload without a required field', batchItem(Operation.Create, template), 'InvalidMessage'],
      ['a field of the wrong type', batchItem(Operation.Create, wrongType, template), 'InvalidMessage'],
      ['a field that is given twice', batchItem(Operation.Create, type, type, template), 'InvalidMessage'],
      ['an unknown field', batchItem(Operation.Create, type, template, text(0x42ff00, 'x')), 'InvalidField'],
      [
        'an unknown object type',
        batchItem(Operation.Create, enumeration(Tag.ObjectType, 0x99), template),
        'InvalidField',
      ],
      ['an unknown algorithm', symmetric(0x99), 'InvalidField'],
      ['a symmetric key of an algorithm of key pairs', symmetric(RSA), 'InvalidField'],
      ['a key of 257 bits', createAes(257), 'InvalidField'],
      ['a key of two thousand million bits', createAes(0x7fff_ffff), 'InvalidField'],
      ['a key of less than no bits', createAes(-128), 'InvalidField'],
      [
        'an unknown attribute',
        createAes(
          256,
          attribute('No Such Attribute', (tag) => text(tag, 'x')),
        ),
        'InvalidField',
      ],
      ['an unknown object', on('no-such-object', Operation.Get), 'ItemNotFound'],
      ['an identifier with a NUL', on('no\0such', Operation.Get), 'InvalidField'],
      ['an identifier of 10 000 characters', on('x'.repeat(10_000), Operation.Get), 'ItemNotFound'],
      [
        'an AES key of three bytes',
        register(ObjectType.SymmetricKey, Tag.SymmetricKey, key(AES, 24, Buffer.alloc(3), KeyFormatType.Raw)),
        'InvalidField',
      ],
      [
        'an RSA key that is none',
        register(ObjectType.PrivateKey, Tag.PrivateKey, key(RSA, 2048, randomBytes(300), KeyFormatType.PKCS_1)),
        'InvalidField',
      ],
      [
        'a public key that is none',
        register(ObjectType.PublicKey, Tag.PublicKey, key(RSA, 2048, randomBytes(300), KeyFormatType.X_509)),
        'InvalidField',
      ],
    ];
    for (const [what, item, expected] of cases) {
      it(what, async () => assert.deepEqual(await results(ttlvBytes(request(14, item))), [expected]));
    }

    describe('cryptographic parameters', () => {
      const cases: readonly [string, Item, string][] = [
        ['that do not exist', enumeration(Tag.BlockCipherMode, 0x99), 'InvalidField'],
        ['of another kind of key', enumeration(Tag.PaddingMethod, PaddingMethod.PSS), 'InvalidField'],
        ['of the wrong type', text(Tag.BlockCipherMode, 'CBC'), 'InvalidMessage'],
      ];
      for (const [what, parameter, expected] of cases) {
        it(what, async () => {
          const owner = await server.connect('mallory');
          const id = await created(owner);
          assert.equal((await outcomeOf(owner, on(id, Operation.Activate))).result, 'Success');
          const parameters = structure(Tag.CryptographicParameters, parameter);
          const item = on(id, Operation.Encrypt, parameters, bytes(Tag.Data, Buffer.alloc(16)));
          assert.deepEqual(await results(ttlvBytes(request(14, item))), [expected]);
        });
      }
    });

    it('one of three: the others are processed', async () => {
      const numbered = (item: Item, id: number): Item => {
        const [operation, payload] = item.value as Item[];
        return structure(
          Tag.BatchItem,
          operation as Item,
          bytes(Tag.UniqueBatchItemID, Buffer.from([id])),
          payload as Item,
        );
      };
      const bad = batchItem(Operation.Create, wrongType, template);
      const header = structure(
        Tag.RequestHeader,
        protocolVersion(1, 4),
        enumeration(Tag.BatchErrorContinuationOption, 1),
        integer(Tag.BatchCount, 3),
      );
      const items = [createAes(), bad, createAes()].map(numbered);
      const message = ttlvBytes(structure(Tag.RequestMessage, header, ...items));
      assert.deepEqual(await results(message), ['Success', 'InvalidMessage', 'Success']);
    });

    it('the object of somebody else, in the same words as for one that does not exist', async () => {
      const id = await created(await server.connect('alice'));
      const client = await server.connect('mallory');
      const absent = id.replace(/^.{4}/, '0000');
      for (const operation of [Operation.Get, Operation.GetAttributes, Operation.Destroy, Operation.Activate]) {
        const one = await outcomeOf(client, on(id, operation));
        const other = await outcomeOf(client, on(absent, operation));
        assert.equal(one.result, 'ItemNotFound');
        assert.deepEqual(one, other);
      }
      assert.equal((await outcomeOf(await server.connect('alice'), on(id, Operation.Get))).result, 'Success');
    });
  });

  it('answers every damaged message, or ends the connection, and logs no error', async () => {
    let client = await server.connect('mallory');
    // The outer header is left alone, so that an answer can come.
    const damage = fc.array(fc.tuple(fc.integer({ min: 8, max: valid.length - 1 }), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    const property = fc.asyncProperty(damage, async (changes) => {
      const message = Buffer.from(valid);
      for (const [position, value] of changes) message[position] = value;
      client.send(message);
      if ((await client.answer()) === undefined) client = await server.connect('mallory');
      assert.ok(!server.log.includes('"level":50'), server.log);
    });
    await fc.assert(property, { numRuns: 1_000 });
    await client.close();
  });
});
