import assert from 'node:assert/strict';
import { ItemType } from '../../ttlv/item.ts';
import { ObjectType, Operation } from '../../ttlv/tables/enums.ts';
import { casesDirectory, findCases, type TestCase } from './cases.ts';
import { familiesOf } from './families.ts';
import { History } from './history.ts';
import { runnable } from './needs.ts';
import { type Alter, oracle } from './oracle.ts';
import { Placeholders } from './placeholders.ts';
import { runCase } from './run.ts';
import { tolerations, withOtherValue } from './tolerance.ts';

const now = 1_700_000_000;
const families = familiesOf(findCases(casesDirectory()) ?? []);
const cases = families.flatMap((family) => family.cases.map((testCase) => runnable(testCase, family)));

/** Runs a case against a server that has all that there is and answers as published, but for what is altered. */
function run(testCase: TestCase, alter?: Alter): Promise<void> {
  const scene = {
    version: testCase.version,
    placeholders: new Placeholders(now),
    history: new History(),
    operations: new Set(Object.values(Operation)),
    objectTypes: new Set(Object.values(ObjectType)),
  };
  return runCase(testCase, scene, oracle(testCase, now, alter));
}

/** The details of the generator of random numbers, under the names of 1.x and of 2.x. */
const generator = ['RNGAlgorithm', 'CryptographicAlgorithm', 'CryptographicLength'].flatMap((tag) => [
  `AttributeValue > ${tag}`,
  `RandomNumberGenerator > ${tag}`,
]);

const mayBeOther: ReadonlySet<string> = new Set([
  'ResponseHeader > TimeStamp',
  'ResponseHeader > ServerCorrelationValue',
  'BatchItem > ResultMessage',
  'ResponsePayload > UniqueIdentifier',
  'ResponsePayload > PrivateKeyUniqueIdentifier',
  'ResponsePayload > PublicKeyUniqueIdentifier',
  'ResponsePayload > Data',
  'ResponsePayload > IVCounterNonce',
  'ResponsePayload > SignatureData',
  ...['ActivationDate', 'DestroyDate', 'InitialDate', 'LastChangeDate', 'OriginalCreationDate'].flatMap((tag) => [
    `Attribute > ${tag}`,
    `Attributes > ${tag}`,
  ]),
  ...['HashingAlgorithm', 'DigestValue', 'KeyFormatType'].flatMap((tag) => [
    `AttributeValue > ${tag}`,
    `Digest > ${tag}`,
  ]),
  'Attributes > ShortUniqueIdentifier',
  ...generator,
]);

const mayBeMissing: ReadonlySet<string> = new Set([
  'ResponseHeader > ServerCorrelationValue',
  'BatchItem > ResultMessage',
  ...generator.filter((place) => !place.endsWith('RNGAlgorithm')),
]);

/** The attribute of 1.x is the Digest as well. */
const mayBeTwice: ReadonlySet<string> = new Set(['ResponsePayload > Attribute', 'Attributes > Digest', ...generator]);

describe('the runner on the published test cases', () => {
  before('needs them in $KMIP_TESTCASES', function () {
    if (cases.length === 0) this.skip();
  });

  it('passes a server that answers as published', async () => {
    for (const testCase of cases) await run(testCase);
  });

  // A few cases that show most operations and attributes between them.
  const titles =
    /AKLC-O-1-14|AKLC-M-2-21|TC_132_12|CS-BC-M-13-14|CS-AC-M-OAEP-1-14|CS-AC-M-1-13|TC-SETATTR-3|BL-M-10-21|TC-OFFSET-1-14/;
  const chosen = cases.filter(({ name }) => titles.test(name));

  it('tolerates other values only where the profiles permit them', async () => {
    const tolerated = await tolerations(chosen, run, (item) =>
      item.type === ItemType.Structure ? [] : [withOtherValue(item)],
    );
    assert.deepEqual(
      tolerated.filter((place) => !mayBeOther.has(place)),
      [],
    );
  });

  it('tolerates missing items only where the profiles permit them', async () => {
    const tolerated = await tolerations(chosen, run, () => []);
    assert.deepEqual(
      tolerated.filter((place) => !mayBeMissing.has(place)),
      [],
    );
  });

  it('tolerates items twice only where the profiles permit them', async () => {
    const tolerated = await tolerations(chosen, run, (item) => [item, item]);
    assert.deepEqual(
      tolerated.filter((place) => !mayBeTwice.has(place)),
      [],
    );
  });
});
