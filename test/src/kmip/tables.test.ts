import assert from 'node:assert/strict';
import {
  type Attribute,
  attributeByTag,
  attributeByText,
  attributeList,
  attributeOf,
  inVersion,
} from '../../../src/kmip/attribute-lookup.ts';
import { requestHeader, responseHeader } from '../../../src/kmip/message.ts';
import type { StructureCodec } from '../../../ttlv/structure.ts';
import { Tag, tagInfo } from '../../../ttlv/tables/tags.ts';
import { type Version, versions } from '../../../ttlv/tables/versions.ts';
import { payloads } from '../../support/payloads.ts';
import {
  dotted,
  type PublishedField,
  type PublishedRules,
  publishedAttributes,
  publishedOperations,
} from '../../support/standard.ts';

type FieldRow = StructureCodec<unknown>['fields'][number];

/** The declared fields of a structure in a version. */
function fieldsOf(codec: object, version: Version): readonly FieldRow[] {
  assert.ok('fields' in codec && Array.isArray(codec.fields));
  return (codec.fields as readonly FieldRow[]).filter(({ since, until }) => version >= since && version <= until);
}

const isDefined = (tag: number, version: Version): boolean => {
  const info = tagInfo.get(tag);
  return info !== undefined && version >= info.since && (info.until === undefined || version <= info.until);
};

describe('the payloads', () => {
  for (const { name, since, request, response } of payloads.values()) {
    it(`of ${name} have only fields whose tags the version defines`, () => {
      for (const version of versions.filter((one) => one >= since && (name !== 'DiscoverVersions' || one > 10))) {
        for (const { tag, tags } of [...fieldsOf(request, version), ...fieldsOf(response, version)]) {
          if (tags === undefined) assert.ok(isDefined(tag, version), `${tagInfo.get(tag)?.name} in ${version}`);
        }
      }
    });
  }

  const published = publishedOperations();
  for (const { name, request, response } of payloads.values()) {
    for (const [version, tables] of Object.entries(published?.[name] ?? {})) {
      it(`of ${name} in ${version} have the fields of the standard's table, in its order`, () => {
        const number = versions.find((one) => dotted(one) === version) ?? assert.fail(version);
        assert.deepEqual(declared(fieldsOf(request, number)), expected(tables.request, name));
        if (tables.response !== undefined && name !== 'Poll') {
          assert.deepEqual(declared(fieldsOf(response, number)), expected(tables.response, name));
        }
      });
    }
  }
});

const declared = (fields: readonly FieldRow[]): readonly string[] =>
  fields.map(({ tag, tags }) => (tags === undefined ? (tagInfo.get(tag)?.name ?? '') : 'object'));

/** FortiGate's Template-Attribute in Locate is no field of the standard. */
const expected = (fields: readonly PublishedField[], name: string): readonly string[] => {
  const names = fields.map(({ tag }) => tag ?? 'object');
  const at = name === 'Locate' ? names.indexOf('Attribute') : -1;
  return at < 0 ? names : names.toSpliced(at, 0, 'TemplateAttribute');
};

describe('the message headers', () => {
  // Request Header and Response Header of 1.0 (7.2), 1.2 (7.2), 1.4 (7.2) and 2.1 (8.2, 8.5).
  const requests: readonly (readonly [Version, string])[] = [
    [10, 'ProtocolVersion MaximumResponseSize AsynchronousIndicator Authentication'],
    [
      12,
      'ProtocolVersion MaximumResponseSize AsynchronousIndicator AttestationCapableIndicator AttestationType Authentication',
    ],
    [
      14,
      'ProtocolVersion MaximumResponseSize ClientCorrelationValue ServerCorrelationValue AsynchronousIndicator AttestationCapableIndicator AttestationType Authentication',
    ],
    [
      21,
      'ProtocolVersion MaximumResponseSize ClientCorrelationValue ServerCorrelationValue AsynchronousIndicator AttestationCapableIndicator AttestationType Authentication',
    ],
  ];
  for (const [version, fields] of requests) {
    it(`of requests in ${dotted(version)} have the fields of the standard's table, in its order`, () => {
      const common = ['BatchErrorContinuationOption', 'BatchOrderOption', 'TimeStamp', 'BatchCount'];
      assert.deepEqual(declared(fieldsOf(requestHeader, version)), [...fields.split(' '), ...common]);
    });
  }
  const answers: readonly (readonly [Version, string])[] = [
    [10, 'ProtocolVersion TimeStamp BatchCount'],
    [12, 'ProtocolVersion TimeStamp Nonce AttestationType BatchCount'],
    [14, 'ProtocolVersion TimeStamp Nonce AttestationType ClientCorrelationValue ServerCorrelationValue BatchCount'],
    [
      20,
      'ProtocolVersion TimeStamp Nonce ServerHashedPassword AttestationType ClientCorrelationValue ServerCorrelationValue BatchCount',
    ],
  ];
  for (const [version, fields] of answers) {
    it(`of answers in ${dotted(version)} have the fields of the standard's table, in its order`, () => {
      assert.deepEqual(declared(fieldsOf(responseHeader, version)), fields.split(' '));
    });
  }
});

describe('the attribute table', () => {
  const published = publishedAttributes() ?? {};
  const custom = 'CustomAttribute';
  const certificateFields = 'CertificateAttributes';

  it('has a row for each attribute of the standard', () => {
    const names: readonly string[] = attributeList.map(({ name }) => name);
    const missing = Object.keys(published).filter((name) => !names.includes(name));
    assert.deepEqual(missing, Object.keys(published).length === 0 ? [] : [custom, certificateFields]);
    const fields = names.filter((name) => /^Certificate(Subject|Issuer)[A-Z]/.test(name));
    assert.equal(fields.length, 24);
  });

  for (const row of attributeList) {
    const isField = row.since === 14 && row.name.startsWith('Certificate');
    const byVersion = published[isField ? certificateFields : row.name];
    it(`has ${row.name} in the versions and with the rules of the standard`, () => {
      for (const version of versions) {
        checkNames(row, version);
        const rules = byVersion?.[dotted(version)];
        if (rules !== undefined) assert.deepEqual(rulesOf(row), expectedRules(row, rules), dotted(version));
        // TC-CERTATTR-1-14 shows the fields of certificates in 1.4, whose text has only their tags.
        const known = rules !== undefined || (isField && version === 14);
        if (byVersion !== undefined) assert.equal(inVersion(row, version), known, dotted(version));
      }
    });
  }

  it('gives back the row that it is asked for', () => {
    assert.equal(attributeOf('X_509CertificateSubject').tag, Tag.X_509CertificateSubject);
    assert.equal(attributeOf('X_509CertificateSubject').text, 'X.509 Certificate Subject');
  });
});

function checkNames(row: Attribute, version: Version): void {
  const name = inVersion(row, version) ? row.name : undefined;
  assert.equal(attributeByTag(row.tag, version)?.name, name);
  assert.equal(attributeByText(row.text, version)?.name, name);
  assert.ok(name === undefined || isDefined(row.tag, version));
}

interface Rules extends Pick<Attribute, 'setBy'> {
  readonly multiple: boolean;
  readonly modifiable: boolean;
  readonly deletable: boolean;
  readonly always: boolean;
}

function rulesOf({ multiple, modifiable, deletable, setBy, always }: Attribute): Rules {
  return {
    multiple: multiple === true,
    modifiable: modifiable !== undefined,
    deletable: deletable !== undefined,
    setBy,
    always: always === true,
  };
}

/** The rules as the standard's table says them, in a sentence each. */
function expectedRules({ name, always }: Attribute, rules: PublishedRules): Rules {
  const yes = (text: string): boolean => text.startsWith('Yes');
  return {
    multiple: yes(rules.multipleInstances),
    modifiable: yes(rules.modifiableByClient),
    deletable: yes(rules.deletableByClient),
    setBy: setter(rules.initiallySetBy),
    always: alwaysVaries.has(name) ? always === true : yes(rules.alwaysHasValue),
  };
}

/** Conditional or changed between versions: Digest where there is a value to digest, Fresh always since 2.0. */
const alwaysVaries: ReadonlySet<string> = new Set(['Digest', 'Fresh']);

function setter(text: string): 'client' | 'server' | 'either' {
  const [client, server] = [text.includes('Client'), text.includes('Server')];
  return client && server ? 'either' : client ? 'client' : 'server';
}
