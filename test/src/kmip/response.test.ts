import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { KmipError } from '../../../src/errors.ts';
import type { OperationCodecs } from '../../../src/kmip/message.ts';
import { RequestDecoder, RequestRejected } from '../../../src/kmip/request.ts';
import { type Outcome, ResponseEncoder, type ResponseItem } from '../../../src/kmip/response.ts';
import type { Item } from '../../../ttlv/item.ts';
import {
  CryptographicAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  ResultReason,
} from '../../../ttlv/tables/enums.ts';
import type { Version } from '../../../ttlv/tables/versions.ts';
import { code, date, hex, int, protocol, struct, text } from '../../support/items.ts';
import { payloads } from '../../support/payloads.ts';
import { ttlvBytes } from '../../support/ttlv-bytes.ts';

const NOW = 1_700_000_000;

interface Answer {
  readonly bytes: Buffer;
  readonly bugs: readonly unknown[];
}

function encode(version: Version, items: readonly ResponseItem[], maximumSize?: number): Answer {
  const bugs: unknown[] = [];
  const encoder = new ResponseEncoder((error) => bugs.push(error));
  return {
    bytes: encoder.encode({ version, timeStamp: NOW, items, maximumSize, correlation: 'c-1' }),
    bugs,
  };
}

function item(operation: number, outcome: Outcome, id?: string): ResponseItem {
  const uniqueBatchItemId = id === undefined ? undefined : Buffer.from(id, 'hex');
  return { code: operation, operation: payloads.get(operation), uniqueBatchItemId, outcome };
}

const answer = (major: number, minor: number, ...items: Item[]): Buffer =>
  ttlvBytes(
    struct(
      'ResponseMessage',
      struct('ResponseHeader', protocol(major, minor), date('TimeStamp', NOW), int('BatchCount', items.length)),
      ...items,
    ),
  );

const failed = (operation: number | undefined, reason: number, message: string): Item =>
  struct(
    'BatchItem',
    ...(operation === undefined ? [] : [code('Operation', operation)]),
    code('ResultStatus', 1),
    code('ResultReason', reason),
    text('ResultMessage', message),
  );

const success = (payload: unknown): Outcome => ({ status: 'success', payload });
const failure = (error: unknown): Outcome => ({ status: 'failed', error });

const key = {
  type: ObjectType.SymmetricKey,
  keyBlock: {
    keyFormatType: KeyFormatType.Raw,
    keyValue: { keyMaterial: Buffer.from('00112233445566778899aabbccddeeff', 'hex') },
    cryptographicAlgorithm: CryptographicAlgorithm.AES,
    cryptographicLength: 128,
  },
};

describe('an answer', () => {
  it('echoes operation and batch item id, and holds the payload', () => {
    const got = encode(10, [
      item(
        Operation.Get,
        success({ objectType: ObjectType.SymmetricKey, uniqueIdentifier: 'k', object: key }),
        'abcdef01',
      ),
    ]);
    const block = struct(
      'KeyBlock',
      code('KeyFormatType', 1),
      struct('KeyValue', hex('KeyMaterial', '00112233445566778899aabbccddeeff')),
      code('CryptographicAlgorithm', 3),
      int('CryptographicLength', 128),
    );
    assert.deepEqual(
      got.bytes,
      answer(
        1,
        0,
        struct(
          'BatchItem',
          code('Operation', Operation.Get),
          hex('UniqueBatchItemID', 'abcdef01'),
          code('ResultStatus', 0),
          struct(
            'ResponsePayload',
            code('ObjectType', 2),
            text('UniqueIdentifier', 'k'),
            struct('SymmetricKey', block),
          ),
        ),
      ),
    );
  });

  it('has a reason of the version and a message for each failure', () => {
    const error = failure(new KmipError('not-found', 'there is no such object'));
    assert.deepEqual(
      encode(12, [item(Operation.Get, error)]).bytes,
      answer(1, 2, failed(Operation.Get, ResultReason.ItemNotFound, 'there is no such object')),
    );
    assert.deepEqual(
      encode(21, [item(Operation.Get, error)]).bytes,
      answer(2, 1, failed(Operation.Get, ResultReason.ObjectNotFound, 'there is no such object')),
    );
  });

  it('tells nothing of a bug but where the log has it', () => {
    const told = "internal error, see the server's log: c-1";
    const got = encode(20, [item(Operation.Get, failure(new TypeError('secret')))]);
    assert.deepEqual(got.bytes, answer(2, 0, failed(Operation.Get, ResultReason.InternalServerError, told)));
    const inner = encode(14, [item(Operation.Get, failure(new KmipError('internal', 'secret')))]);
    assert.deepEqual(inner.bytes, answer(1, 4, failed(Operation.Get, ResultReason.GeneralFailure, told)));
  });

  it('fails an item whose payload cannot be told in the version, and reports it', () => {
    const newer = { objectType: ObjectType.CertificateRequest, uniqueIdentifier: 'k' };
    const got = encode(12, [
      item(Operation.Create, success(newer)),
      item(Operation.Destroy, success({ uniqueIdentifier: 'k' })),
    ]);
    assert.equal(got.bugs.length, 1);
    assert.deepEqual(
      got.bytes,
      answer(
        1,
        2,
        failed(Operation.Create, ResultReason.GeneralFailure, "internal error, see the server's log: c-1"),
        struct(
          'BatchItem',
          code('Operation', Operation.Destroy),
          code('ResultStatus', 0),
          struct('ResponsePayload', text('UniqueIdentifier', 'k')),
        ),
      ),
    );
  });

  it('shows what was undone, and what is pending', () => {
    const got = encode(14, [
      item(Operation.Create, { status: 'undone' }, '01'),
      item(Operation.Create, { status: 'pending', asynchronousCorrelationValue: Buffer.from('beef', 'hex') }, '02'),
    ]);
    assert.deepEqual(
      got.bytes,
      answer(
        1,
        4,
        struct('BatchItem', code('Operation', 1), hex('UniqueBatchItemID', '01'), code('ResultStatus', 3)),
        struct(
          'BatchItem',
          code('Operation', 1),
          hex('UniqueBatchItemID', '02'),
          code('ResultStatus', 2),
          hex('AsynchronousCorrelationValue', 'beef'),
        ),
      ),
    );
  });

  it('keeps to the Maximum Response Size', () => {
    const long = { uniqueIdentifier: 'k'.repeat(300) };
    const small = { uniqueIdentifier: 'k' };
    const items = [item(Operation.Destroy, success(long)), item(Operation.Destroy, success(small))];
    const whole = encode(12, items).bytes;
    assert.deepEqual(encode(12, items, whole.length).bytes, whole);
    const cut = encode(12, items, 400);
    assert.ok(cut.bytes.length <= 400);
    const [first, second] = [
      failed(Operation.Destroy, ResultReason.ResponseTooLarge, 'the answer has 448 bytes, 400 are allowed'),
      struct(
        'BatchItem',
        code('Operation', Operation.Destroy),
        code('ResultStatus', 0),
        struct('ResponsePayload', text('UniqueIdentifier', 'k')),
      ),
    ];
    assert.deepEqual(cut.bytes, answer(1, 2, first, second));
  });

  it('to a message that was rejected has one item, without operation', () => {
    const decoder = new RequestDecoder<OperationCodecs>(payloads, { bytes: 1000, depth: 9, items: 99, batchCount: 9 });
    const message = ttlvBytes(struct('RequestMessage', struct('RequestHeader', protocol(3, 0), int('BatchCount', 1))));
    assert.throws(
      () => decoder.decode(message),
      (rejected) => {
        assert.ok(rejected instanceof RequestRejected);
        const bytes = new ResponseEncoder((error) => assert.fail(String(error))).encodeRejection(rejected, NOW, 'c-2');
        const told = 'the server speaks KMIP 1.0, 1.1, 1.2, 1.3, 1.4, 2.0, 2.1';
        assert.deepEqual(bytes, answer(3, 0, failed(undefined, ResultReason.UnsupportedProtocolVersion, told)));
        return true;
      },
    );
  });

  it('is not changed by the answers that the same encoder made before', () => {
    const encoder = new ResponseEncoder((error) => assert.fail(String(error)));
    const message = (id: string) =>
      encoder.encode({
        version: 14,
        timeStamp: NOW,
        items: [item(Operation.Destroy, success({ uniqueIdentifier: id }))],
        correlation: '',
      });
    const before = message('first');
    const copy = Buffer.from(before);
    message('second, a longer one');
    assert.deepEqual(before, copy);
  });
});
