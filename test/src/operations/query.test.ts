import assert from 'node:assert/strict';
import type { QueryResponse } from '../../../src/kmip/payloads/query.ts';
import { create } from '../../../src/operations/create.ts';
import { createKeyPair } from '../../../src/operations/create-key-pair.ts';
import { discoverVersions } from '../../../src/operations/discover-versions.ts';
import { getAttributes } from '../../../src/operations/get-attributes.ts';
import { operationByCode } from '../../../src/operations/table.ts';
import { CryptographicAlgorithm, enumInfo, ObjectType, Operation, QueryFunction } from '../../../ttlv/tables/enums.ts';
import { ProtectionStorageMask } from '../../../ttlv/tables/masks.ts';
import { type Version, versions } from '../../../ttlv/tables/versions.ts';
import { newKey } from '../../support/managed.ts';
import { item, TestNode } from '../../support/node.ts';
import { dotted, publishedOperations } from '../../support/standard.ts';

async function queried(version: Version, ...queryFunction: QueryFunction[]): Promise<QueryResponse> {
  const user = (await TestNode.open()).as('alice', version);
  const query = operationByCode.get(Operation.Query) ?? assert.fail('no Query');
  const [outcome] = await user.batch([item(query, { queryFunction })]);
  assert.equal(outcome?.status, 'success');
  return outcome.payload as QueryResponse;
}

describe('Query', () => {
  const published = publishedOperations();

  for (const version of versions) {
    it(`lists the operations of the server that the version has (${version})`, async () => {
      const { operation } = await queried(version, QueryFunction.QueryOperations);
      const names = operation.map((code) => enumInfo.Operation.byCode.get(code)?.name ?? '');
      for (const name of names) {
        // PyKMIP asks for versions in 1.0, too.
        if (name === 'DiscoverVersions' || published === undefined) continue;
        assert.ok(published[name]?.[dotted(version)], name);
      }
      assert.equal(names.includes('Encrypt'), version >= 12);
      assert.equal(names.includes('SetAttribute'), version >= 20);
    });

    it(`lists the object types that the version has (${version})`, async () => {
      const { objectType } = await queried(version, QueryFunction.QueryObjects);
      assert.ok(objectType.includes(ObjectType.SymmetricKey));
      assert.equal(objectType.includes(ObjectType.Template), version < 20);
      assert.equal(objectType.includes(ObjectType.CertificateRequest), version >= 20);
    });

    it(`passes over functions that the version does not have (${version})`, async () => {
      const all = await queried(version, ...Object.values(QueryFunction));
      assert.equal(all.vendorIdentification, 'Kleis');
      assert.ok(all.serverInformation);
      assert.equal(all.rngParameters.length, version >= 13 ? 1 : 0);
      assert.equal(all.capabilityInformation.length, version >= 13 ? 1 : 0);
      assert.equal(all.protectionStorageMasks !== undefined, version >= 20);
    });
  }
});

describe('Discover Versions', () => {
  it('answers what both sides speak, the newest first', async () => {
    const user = (await TestNode.open()).as('alice', 11);
    const asked = async (...protocolVersion: { major: number; minor: number }[]) => {
      const answer = await user.ask(discoverVersions, { protocolVersion });
      return answer.protocolVersion.map(({ major, minor }) => `${major}.${minor}`);
    };
    assert.deepEqual(await asked(), ['2.1', '2.0', '1.4', '1.3', '1.2', '1.1', '1.0']);
    assert.deepEqual(await asked({ major: 1, minor: 0 }, { major: 9, minor: 31 }, { major: 2, minor: 0 }), [
      '2.0',
      '1.0',
    ]);
    assert.deepEqual(await asked({ major: 9, minor: 31 }), []);
  });
});

describe('Get Attributes', () => {
  it('refuses an attribute that is named twice, and leaves out what the object does not have', async () => {
    const user = (await TestNode.open()).as('alice', 14);
    const uniqueIdentifier = await newKey(user);
    const asking = (...attributeReferences: ('State' | 'Name' | 'x:n')[]) => ({
      uniqueIdentifier,
      attributeReferences,
    });
    await user.fails('invalid-message', getAttributes, asking('State', 'Name', 'State'));
    const { attributes } = await user.ask(getAttributes, asking('x:n', 'Name', 'State'));
    assert.deepEqual(attributes, [{ key: 'State', index: 0, value: 1 }]);
  });
});

describe('protection', () => {
  const algorithm = (value: CryptographicAlgorithm) => ({ key: 'CryptographicAlgorithm', value }) as const;
  const length = (value: number) => ({ key: 'CryptographicLength', value }) as const;
  const safe = { key: 'QuantumSafe', value: true } as const;
  const objectType = ObjectType.SymmetricKey;

  it('is Quantum Safe where that is asked for, or no key is made', async () => {
    const user = (await TestNode.open()).as('alice');
    const aes = algorithm(CryptographicAlgorithm.AES);
    await user.ask(create, { objectType, attributes: [aes, length(256), safe] });
    await user.fails('not-quantum-safe', create, { objectType, attributes: [aes, length(128), safe] });
    const commonAttributes = [algorithm(CryptographicAlgorithm.RSA), length(4096), safe];
    await user.fails('not-quantum-safe', createKeyPair, { commonAttributes });
  });

  it('is that of software storage, or no key is made', async () => {
    const user = (await TestNode.open()).as('alice');
    const { Software, Hardware, OnProcessor } = ProtectionStorageMask;
    const attributes = [algorithm(CryptographicAlgorithm.AES)];
    const allowing = (...protectionStorageMask: number[]) => ({
      objectType,
      attributes,
      protectionStorageMasks: { protectionStorageMask },
    });
    await user.ask(create, allowing(Software | Hardware));
    await user.ask(create, allowing(Hardware, Software));
    await user.fails('no-such-storage', create, allowing(Hardware, OnProcessor));
  });
});
