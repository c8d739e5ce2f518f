import assert from 'node:assert/strict';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { ObjectType, Operation, ResultReason, ResultStatus, State } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { add, at, attribute, bytes, enumeration, integer, remove, replace, reverse, structure, text } from './alter.ts';
import { parseCase, readCase, type TestCase } from './cases.ts';
import type { Scene } from './compare.ts';
import { History } from './history.ts';
import { type Alter, oracle } from './oracle.ts';
import { Placeholders } from './placeholders.ts';
import { runCase } from './run.ts';
import { sample, sampleSteps } from './sample.ts';
import { childrenOf, findDeep, numberOf } from './walk.ts';

const now = 1_700_000_000;
const sampleCase = parseCase('testcases-1.2', 'SAMPLE-1-12', Buffer.from(sample));

function sceneOf({ version }: TestCase): Scene {
  return {
    version,
    placeholders: new Placeholders(now),
    history: new History(),
    operations: new Set([Operation.Create, Operation.Query]),
    objectTypes: new Set([ObjectType.SymmetricKey]),
  };
}

function indexOf(step: keyof typeof sampleSteps): number {
  return Object.keys(sampleSteps).indexOf(step);
}

/** Runs the sample against a server whose answer to one step is altered. */
async function runAltered(step: keyof typeof sampleSteps, alter: (answer: Item) => Item): Promise<void> {
  const alterStep: Alter = (answer, index) => (index === indexOf(step) ? alter(answer) : answer);
  await runCase(sampleCase, sceneOf(sampleCase), oracle(sampleCase, now, alterStep));
}

const payload = [Tag.BatchItem, Tag.ResponsePayload] as const;
const key = [...payload, Tag.SymmetricKey, Tag.KeyBlock] as const;
const isNamed =
  (name: string) =>
  (item: Item): boolean =>
    childrenOf(item)[0]?.value === name;
const isText =
  (name: string) =>
  (item: Item): boolean =>
    item.value === name;

describe('the runner of the published test cases', () => {
  it('passes a server that answers as published, with identifiers, keys and times of its own', async () => {
    await runAltered('create', (answer) => answer);
  });

  const wrong: readonly [what: string, step: keyof typeof sampleSteps, (answer: Item) => Item, RegExp][] = [
    [
      'another protocol version',
      'create',
      at([Tag.ResponseHeader, Tag.ProtocolVersion, Tag.ProtocolVersionMinor], (item) => [
        { ...item, type: ItemType.Integer, value: 1 },
      ]),
      /ProtocolVersionMinor/,
    ],
    ['no time stamp', 'create', remove([Tag.ResponseHeader, Tag.TimeStamp]), /TimeStamp.* is missing/],
    [
      'a wrong batch count',
      'create',
      at([Tag.ResponseHeader, Tag.BatchCount], (item) => [{ ...item, type: ItemType.Integer, value: 2 }]),
      /BatchCount/,
    ],
    [
      'a batch item too few',
      'batch',
      (answer) => structure(answer.tag, ...childrenOf(answer).slice(0, -1)),
      /BatchItem 1 is missing/,
    ],
    ['a batch item too many', 'create', at([Tag.BatchItem], (item) => [item, item]), /BatchItem is one too many/],
    [
      'batch items in another order',
      'batch',
      (answer) => structure(answer.tag, ...childrenOf(answer).slice(0, 1), ...childrenOf(answer).slice(1).toReversed()),
      /Operation/,
    ],
    [
      'another batch item identifier',
      'batch',
      replace([Tag.BatchItem, Tag.UniqueBatchItemID], bytes(Tag.UniqueBatchItemID, '03')),
      /UniqueBatchItemID/,
    ],
    [
      'a failure for a success',
      'create',
      replace([Tag.BatchItem, Tag.ResultStatus], enumeration(Tag.ResultStatus, ResultStatus.OperationFailed)),
      /ResultStatus/,
    ],
    [
      'a success for a failure',
      'refuse',
      replace([Tag.BatchItem, Tag.ResultStatus], enumeration(Tag.ResultStatus, ResultStatus.Success)),
      /ResultStatus/,
    ],
    [
      'another result reason',
      'refuse',
      replace([Tag.BatchItem, Tag.ResultReason], enumeration(Tag.ResultReason, ResultReason.ItemNotFound)),
      /ResultReason/,
    ],
    ['no result reason', 'refuse', remove([Tag.BatchItem, Tag.ResultReason]), /ResultReason.* is missing/],
    [
      'a payload of a failure',
      'refuse',
      add([Tag.BatchItem], structure(Tag.ResponsePayload)),
      /ResponsePayload is not expected/,
    ],
    ['a missing field', 'create', remove([...payload, Tag.ObjectType]), /ObjectType.* is missing/],
    ['a field that is not expected', 'create', add(payload, text(Tag.Description, 'x')), /is not expected/],
    ['fields in another order', 'create', reverse(payload), /is out of place/],
    [
      'a field of another type',
      'create',
      replace([...payload, Tag.ObjectType], { tag: Tag.ObjectType, type: ItemType.Integer, value: 2 }),
      /another type/,
    ],
    [
      'no identifier',
      'create',
      replace([...payload, Tag.UniqueIdentifier], text(Tag.UniqueIdentifier, '')),
      /is empty/,
    ],
    [
      'an identifier of another object',
      'state',
      replace([...payload, Tag.UniqueIdentifier], text(Tag.UniqueIdentifier, 'other')),
      /UniqueIdentifier/,
    ],
    [
      'another state',
      'state',
      at([...payload, Tag.Attribute, Tag.AttributeValue], () => [enumeration(Tag.AttributeValue, State.Active)]),
      /Attribute State/,
    ],
    [
      'an attribute that was named and should not exist',
      'state',
      add(payload, attribute('Activation Date', { tag: 0, type: ItemType.DateTime, value: now })),
      /Activation Date is not expected/,
    ],
    [
      'a missing attribute',
      'attributes',
      remove([...payload, Tag.Attribute], isNamed('Lease Time')),
      /Attribute Lease Time is missing/,
    ],
    [
      'a missing instance of an attribute',
      'attributes',
      remove([...payload, Tag.Attribute, Tag.AttributeIndex]),
      /AttributeIndex.* is missing/,
    ],
    ['instances in another order', 'attributes', reverse(payload), /NameValue/],
    [
      'an attribute newer than the message',
      'attributes',
      add(payload, attribute('Sensitive', { tag: 0, type: ItemType.Boolean, value: false })),
      /has no Sensitive/,
    ],
    [
      'a missing name of an attribute',
      'list',
      remove([...payload, Tag.AttributeName], isText('State')),
      /State.* is missing/,
    ],
    ['a name of an attribute twice', 'list', add(payload, text(Tag.AttributeName, 'State')), /is there twice/],
    [
      'a generated key of another length',
      'getMade',
      replace([...key, Tag.KeyValue, Tag.KeyMaterial], bytes(Tag.KeyMaterial, '00')),
      /another length/,
    ],
    [
      'other bytes than were registered',
      'getRegistered',
      replace([...key, Tag.KeyValue, Tag.KeyMaterial], bytes(Tag.KeyMaterial, '0123456789abcdef0123456789abcdee')),
      /KeyMaterial/,
    ],
    [
      'another key format than was registered',
      'getRegistered',
      replace([...key, Tag.KeyFormatType], enumeration(Tag.KeyFormatType, 2)),
      /KeyFormatType/,
    ],
    [
      'another date than was given',
      'date',
      at([...payload, Tag.Attribute, Tag.AttributeValue], () => [
        { tag: Tag.AttributeValue, type: ItemType.DateTime, value: now },
      ]),
      /Attribute Activation Date/,
    ],
    ['objects found in another order', 'locate', reverse(payload), /UniqueIdentifier/],
    ['an object found too many', 'locate', add(payload, text(Tag.UniqueIdentifier, 'other')), /is not expected/],
    [
      'an operation that the server has, not told of',
      'query',
      remove([...payload, Tag.Operation], (item) => numberOf(item) === Operation.Create),
      /Operation.*Create.* is missing/,
    ],
    [
      'a field newer than the message',
      'query',
      add(payload, enumeration(Tag.ClientRegistrationMethod, 1)),
      /has no ClientRegistrationMethod/,
    ],
    [
      'a value newer than the message',
      'query',
      add(payload, enumeration(Tag.Operation, Operation.Import)),
      /has no Import/,
    ],
    ['no vendor', 'query', remove([...payload, Tag.VendorIdentification]), /VendorIdentification.* is missing/],
    ['a version not told of', 'versions', remove([...payload, Tag.ProtocolVersion]), /ProtocolVersion is missing/],
  ];
  for (const [what, step, alter, complaint] of wrong) {
    it(`fails a server that answers with ${what}`, () => assert.rejects(runAltered(step, alter), complaint));
  }

  it('fails a server that gives two objects one identifier', async () => {
    let first: Item | undefined;
    const alter: Alter = (answer, step) => {
      if (step === indexOf('create')) first = findDeep(answer, Tag.UniqueIdentifier);
      if (first === undefined || step !== indexOf('register')) return answer;
      return replace([...payload, Tag.UniqueIdentifier], first)(answer);
    };
    await assert.rejects(
      runCase(sampleCase, sceneOf(sampleCase), oracle(sampleCase, now, alter)),
      /step 5:.*is the value/s,
    );
  });

  it('fails a server whose answer is no TTLV', async () => {
    await assert.rejects(
      runCase(sampleCase, sceneOf(sampleCase), async () => Buffer.from('no TTLV')),
      /TtlvError|message/,
    );
  });

  it('fails a case that it cannot read', async () => {
    for (const file of [`# draft\n${sample}`, '<KMIP><RequestMessage/></KMIP>', '<KMIP/>']) {
      const unreadable = readCase('testcases-1.2', 'DRAFT-1-12', Buffer.from(file));
      assert.equal(unreadable.version, 12);
      await assert.rejects(runCase(unreadable, sceneOf(unreadable), oracle(sampleCase, now)));
    }
  });

  const permitted: readonly [what: string, step: keyof typeof sampleSteps, (answer: Item) => Item][] = [
    ['another text of a failure', 'refuse', replace([Tag.BatchItem, Tag.ResultMessage], text(Tag.ResultMessage, 'no'))],
    ['no text of a failure', 'refuse', remove([Tag.BatchItem, Tag.ResultMessage])],
    ['implicit attributes', 'create', add(payload, structure(Tag.TemplateAttribute))],
    ['the index of a first instance', 'attributes', at([...payload, Tag.Attribute], withIndex)],
    [
      'further attributes',
      'attributes',
      add(payload, attribute('Fresh', { tag: 0, type: ItemType.Boolean, value: true })),
    ],
    ['attributes in another order', 'attributes', at(payload, moveNamesBack)],
    ['a custom attribute of its own', 'state', add(payload, attribute('y-shelf', text(0, 'A1')))],
    ['further names of attributes', 'list', add(payload, text(Tag.AttributeName, 'Fresh'))],
    [
      'another generated key',
      'getMade',
      replace([...key, Tag.KeyValue, Tag.KeyMaterial], bytes(Tag.KeyMaterial, 'ff'.repeat(16))),
    ],
    [
      'another key of the same batch',
      'createAndGet',
      replace([...key, Tag.KeyValue, Tag.KeyMaterial], bytes(Tag.KeyMaterial, 'ff'.repeat(16))),
    ],
    ['other operations', 'query', add(payload, enumeration(Tag.Operation, Operation.Locate))],
    [
      'no operation that it does not have',
      'query',
      remove([...payload, Tag.Operation], (item) => numberOf(item) === Operation.Archive),
    ],
    ['extensions', 'query', add(payload, structure(Tag.ExtensionInformation, text(Tag.ExtensionName, 'x')))],
    [
      'another vendor',
      'query',
      replace([...payload, Tag.VendorIdentification], text(Tag.VendorIdentification, 'other')),
    ],
    [
      'further versions',
      'versions',
      at(payload, (item) => [structure(item.tag, protocolVersion(1, 4), ...childrenOf(item))]),
    ],
    ['an extension that is not critical', 'create', add([Tag.BatchItem], extension(false))],
  ];
  for (const [what, step, alter] of permitted) {
    it(`passes a server that answers with ${what}`, () => runAltered(step, alter));
  }

  it('fails a server that answers with an extension that is critical', async () => {
    await assert.rejects(runAltered('create', add([Tag.BatchItem], extension(true))), /MessageExtension/);
  });
});

function withIndex(item: Item): readonly Item[] {
  const [name, ...rest] = childrenOf(item);
  if (name === undefined || rest[0]?.tag === Tag.AttributeIndex) return [item];
  return [structure(item.tag, name, integer(Tag.AttributeIndex, 0), ...rest)];
}

function moveNamesBack(item: Item): readonly Item[] {
  const [names, others] = [true, false].map((wanted) =>
    childrenOf(item).filter((child) => isNamed('Name')(child) === wanted),
  );
  return [structure(item.tag, ...(others ?? []), ...(names ?? []))];
}

function protocolVersion(major: number, minor: number): Item {
  return structure(
    Tag.ProtocolVersion,
    integer(Tag.ProtocolVersionMajor, major),
    integer(Tag.ProtocolVersionMinor, minor),
  );
}

function extension(critical: boolean): Item {
  const indicator: Item = { tag: Tag.CriticalityIndicator, type: ItemType.Boolean, value: critical };
  return structure(
    Tag.MessageExtension,
    text(Tag.VendorIdentification, 'x'),
    indicator,
    structure(Tag.VendorExtension),
  );
}
