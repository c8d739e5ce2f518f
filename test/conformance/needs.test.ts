import assert from 'node:assert/strict';
import { CryptographicAlgorithm, ObjectType, Operation } from '../../ttlv/tables/enums.ts';
import { parseCase, type TestCase } from './cases.ts';
import { familiesOf } from './families.ts';
import { runnable, type Server, whyLeftOut } from './needs.ts';
import { single } from './sample.ts';

const server: Server = {
  operations: new Set([
    Operation.Create,
    Operation.Register,
    Operation.Get,
    Operation.Locate,
    Operation.Encrypt,
    Operation.Query,
  ]),
  objectTypes: new Set([ObjectType.SymmetricKey]),
  hasAlgorithm: (algorithm, length = 128) => algorithm === CryptographicAlgorithm.AES && length === 128,
  descriptions: new Map([['QueryProfiles', []]]),
};

function caseOf(name: string, ...steps: readonly string[]): TestCase {
  return parseCase('testcases-1.4', name, Buffer.from(`<KMIP>${steps.join('')}</KMIP>`));
}

/** Why the last of the cases is left out. */
function reasonOf(...cases: readonly TestCase[]): string | undefined {
  const last = cases.at(-1);
  const family = familiesOf(cases).find((candidate) => candidate.cases.some((member) => member === last));
  assert.ok(last !== undefined && family !== undefined);
  return whyLeftOut(last, family, server);
}

const id = '<UniqueIdentifier type="TextString" value="$UNIQUE_IDENTIFIER_0"/>';
const key = '<ObjectType type="Enumeration" value="SymmetricKey"/>';
const algorithm = (name: string): string => `
  <TemplateAttribute><Attribute>
    <AttributeName type="TextString" value="Cryptographic   Algorithm"/><AttributeValue type="Enumeration" value="${name}"/>
  </Attribute></TemplateAttribute>`;
const long = `
    <Attribute>
      <AttributeName type="TextString" value="Cryptographic Length"/><AttributeValue type="Integer" value="192"/>
    </Attribute></TemplateAttribute>`;
const create = single('Create', key + algorithm('AES'), key + id);
const locate = single('Locate', '', id);

describe('why a published case is left out', () => {
  it('is nothing where the server has all that it needs', () => {
    assert.equal(reasonOf(caseOf('A-1-14', create)), undefined);
  });

  const lacking: readonly [reason: string, name: string, step: string][] = [
    ['operation Archive', 'A-1-14', single('Archive', '', '')],
    ['object type PGPKey', 'A-1-14', single('Register', '<ObjectType type="Enumeration" value="PGPKey"/>', id)],
    ['algorithm RC4', 'A-1-14', single('Create', key + algorithm('RC4'), key + id)],
    [
      'algorithm AES 192',
      'A-1-14',
      single('Create', key + algorithm('AES').replace('</TemplateAttribute>', long), key + id),
    ],
    ['server-to-client', 'A-1-14', single('Notify', '', '')],
    ['server-to-client', 'A-S2C-1-14', create],
    ['encoding JSON', 'MSGENC-JSON-M-1-21', create],
    ['encoding XML', 'MSGENC-XML-M-1-21', create],
    ['accounts', 'A-1-14', create.replace('<BatchCount', '<Authentication/><BatchCount')],
    ['asynchronous operations', 'A-1-14', create.replace('<BatchCount', '<AsynchronousIndicator/><BatchCount')],
    [
      'provisioned group',
      'A-1-14',
      single('Locate', '<ObjectGroupMember type="Enumeration" value="GroupMemberFresh"/>', id),
    ],
    ['object of a case that is not here', 'A-1-14', locate],
    [
      'profiles of another server',
      'A-1-14',
      single(
        'Query',
        '<QueryFunction type="Enumeration" value="QueryProfiles"/>',
        '<ProfileInformation><ProfileName type="Enumeration" value="TapeLibraryServerKMIPV1_4"/></ProfileInformation>',
      ),
    ],
  ];
  for (const [reason, name, step] of lacking) {
    it(`is ${reason}, by that name`, () => assert.equal(reasonOf(caseOf(name, step)), reason));
  }

  it('is nothing where an earlier case of its series makes the object that it finds', () => {
    assert.equal(reasonOf(caseOf('A-1-14', create), caseOf('A-2-14', locate)), undefined);
  });

  it('is what that earlier case lacks', () => {
    const archived = caseOf('A-1-14', create, single('Archive', id, id));
    assert.equal(reasonOf(archived, caseOf('A-2-14', locate)), 'operation Archive');
  });

  it('is the algorithm of an object of a case that is not here, where one of the series shows it', () => {
    const shown = single('GetAttributes', id, id + algorithm('OneTimePad').replaceAll(/<.?TemplateAttribute>/g, ''));
    const cases = [caseOf('A-3-14', locate, shown), caseOf('A-2-14', locate)];
    assert.equal(reasonOf(...cases), 'algorithm OneTimePad');
  });

  it('is the error that it was published with', () => {
    assert.match(reasonOf(caseOf('TC-LOGIN-3-20', create)) ?? '', /^wrong as published: an answer has no Operation/);
  });
});

describe('the published cases', () => {
  it('lose the batch items of the test harness, and messages that hold no others', () => {
    const begin = single('Interop', '', '');
    assert.equal(caseOf('A-1-14', begin, create, begin).exchanges.length, 1);
  });

  it('go by HTTPS where their title says so', () => {
    const transports = ['MSGENC-HTTPS-M-1-14', 'A-1-14'].map((name) => caseOf(name, create).transport);
    assert.deepEqual(transports, ['HTTPS', 'TLS']);
    assert.equal(reasonOf(caseOf('MSGENC-HTTPS-M-1-14', create)), undefined);
  });

  it('have single blanks where the files have several', () => {
    assert.match(JSON.stringify(caseOf('A-1-14', create).exchanges), /"Cryptographic Algorithm"/);
  });

  it('share a family where one of a series finds what another made, with the set-up first', () => {
    const cases = [
      caseOf('A-2-14', locate),
      caseOf('A-SETUP-1-14', create),
      caseOf('B-1-14', create),
      caseOf('B-2-14', create),
    ];
    const names = familiesOf(cases).map((family) => family.cases.map(({ name }) => name));
    assert.deepEqual(names, [['A-SETUP-1-14', 'A-2-14'], ['B-1-14'], ['B-2-14']]);
  });

  it('begin with a Create of the object that they find and show, if no other case makes it', () => {
    const material =
      '<SymmetricKey><KeyBlock><KeyFormatType type="Enumeration" value="Raw"/></KeyBlock></SymmetricKey>';
    const shown = single(
      'GetAttributes',
      id,
      id +
        algorithm('AES')
          .replaceAll(/<.?TemplateAttribute>/g, '')
          .repeat(2),
    );
    const found = caseOf('A-2-14', locate, single('Get', id, key + id + material), shown);
    const [family] = familiesOf([found]);
    assert.ok(family !== undefined);
    const [register, ...rest] = runnable(found, family).exchanges;
    assert.match(JSON.stringify(register?.request), /"Create".*"SymmetricKey".*"Cryptographic Algorithm"/);
    assert.deepEqual(rest, found.exchanges);
  });
});
