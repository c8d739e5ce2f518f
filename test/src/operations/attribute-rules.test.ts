import assert from 'node:assert/strict';
import type { ErrorName } from '../../../src/errors.ts';
import type { GivenAttribute } from '../../../src/kmip/attribute-set.ts';
import type { AttributeName } from '../../../src/kmip/attributes.ts';
import type { ManagedObjectValue } from '../../../src/kmip/objects.ts';
import { addAttribute } from '../../../src/operations/add-attribute.ts';
import { deleteAttribute } from '../../../src/operations/delete-attribute.ts';
import { get } from '../../../src/operations/get.ts';
import { modifyAttribute } from '../../../src/operations/modify-attribute.ts';
import { register } from '../../../src/operations/register.ts';
import { setAttribute } from '../../../src/operations/set-attribute.ts';
import { CertificateType, CryptographicAlgorithm, ObjectType } from '../../../ttlv/tables/enums.ts';
import { versions } from '../../../ttlv/tables/versions.ts';
import { samples } from '../../support/attribute-samples.ts';
import { certificates } from '../../support/listener.ts';
import { aesKey, newPair, password, registered, shown } from '../../support/managed.ts';
import { item, resultOf, TestNode, type User } from '../../support/node.ts';
import { dotted, type PublishedRules, publishedAttributes } from '../../support/standard.ts';

type Verdict = ErrorName | 'success';

/** An object type as the rule tables speak of it. */
interface Kind {
  readonly type: ObjectType;
  /** What "Applies to Object Types" says where it means this type as well. */
  readonly meant: RegExp;
  readonly object: () => Promise<ManagedObjectValue>;
  /** What the standard's samples have to be for this very object. */
  readonly own?: Partial<Record<AttributeName, unknown>>;
}

const kinds: readonly Kind[] = [
  {
    type: ObjectType.SymmetricKey,
    meant: /All Objects|Cryptographic Objects|^(Symmetric )?Keys?\b/,
    object: async () => aesKey(Buffer.alloc(32, 5)),
  },
  {
    type: ObjectType.PrivateKey,
    meant: /All Objects|Cryptographic Objects|^Keys|Asymmetric Keys|Private Key/,
    object: privateKey,
    own: { CryptographicAlgorithm: CryptographicAlgorithm.EC },
  },
  {
    type: ObjectType.Certificate,
    meant: /All Objects|Cryptographic Objects|Certificates/,
    object: certificate,
    own: { CryptographicAlgorithm: CryptographicAlgorithm.EC, CertificateType: CertificateType.X_509 },
  },
  {
    type: ObjectType.SecretData,
    meant: /All Objects|Cryptographic Objects|Secret Data/,
    object: async () => password('secret'),
  },
  {
    type: ObjectType.OpaqueObject,
    meant: /All Objects|Opaque Object/,
    object: async () =>
      ({ type: ObjectType.OpaqueObject, opaqueDataType: 0x80000000, opaqueDataValue: Buffer.from('o') }) as const,
  },
];

async function privateKey(): Promise<ManagedObjectValue> {
  const user = (await TestNode.open()).as('alice');
  const { privateKey: id } = await newPair(user);
  return (await user.ask(get, { uniqueIdentifier: id })).object;
}

async function certificate(): Promise<ManagedObjectValue> {
  const { alice } = await certificates();
  const body = alice.certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  return { type: ObjectType.Certificate, certificateType: 1, certificateValue: Buffer.from(body, 'base64') };
}

/** "Initially set by: Server", but a request to create or register names them (KMIP 1.4, tables 165 and 171). */
const asked: readonly string[] = ['CryptographicAlgorithm', 'CryptographicLength', 'CertificateType'];

/** In 1.x the tables have them for symmetric keys alone; the profile for key pairs (1.0, 2.3) and CS-AC-M-8 for those, too. */
const ofKeyPairs: readonly string[] = ['ProcessStartDate', 'ProtectStopDate'];

/** The rules of one attribute as the standard prints them, for one kind of object. */
class Expected {
  readonly name: AttributeName;
  readonly #rules: PublishedRules;
  readonly #applies: boolean;

  constructor(name: AttributeName, rules: PublishedRules, { meant, type }: Kind) {
    this.name = name;
    this.#rules = rules;
    this.#applies = meant.test(rules.appliesTo) || (type === ObjectType.PrivateKey && ofKeyPairs.includes(name));
  }

  get #ofClients(): boolean {
    return this.#rules.initiallySetBy.includes('Client');
  }

  register(): Verdict {
    if (!this.#ofClients && !asked.includes(this.name)) return 'read-only-attribute';
    return this.#applies ? 'success' : 'invalid-attribute';
  }

  add(has: boolean): Verdict {
    if (!this.#ofClients) return 'read-only-attribute';
    if (has && !this.#rules.multipleInstances.startsWith('Yes')) return 'attribute-single-valued';
    return this.#applies ? 'success' : 'invalid-attribute';
  }

  modify(has: boolean): Verdict {
    if (!this.#rules.modifiableByClient.startsWith('Yes')) return 'read-only-attribute';
    return has ? 'success' : 'attribute-not-found';
  }

  set(has: boolean): Verdict {
    return has ? this.modify(has) : this.add(has);
  }

  delete(has: boolean): Verdict {
    if (!this.#rules.deletableByClient.startsWith('Yes')) return 'read-only-attribute';
    return has ? 'success' : 'attribute-not-found';
  }
}

/** Tries everything with one attribute, each time on a new object. */
class Trial {
  readonly #user: User;
  readonly #expected: Expected;
  readonly #values: readonly GivenAttribute[];
  readonly #object: ManagedObjectValue;

  constructor(user: User, expected: Expected, kind: Kind, object: ManagedObjectValue) {
    const { name } = expected;
    const own = kind.own?.[name];
    this.#user = user;
    this.#expected = expected;
    this.#values = samples[name].map((value) => ({ key: name, value: own ?? value }));
    this.#object = object;
  }

  async run(): Promise<void> {
    const { name } = this.#expected;
    const [first, second] = this.#values;
    assert.ok(first && second);
    const { type: objectType } = this.#object;
    await this.#try(
      'Register',
      item(register, { objectType, object: this.#object, attributes: [first] }),
      this.#expected.register(),
    );
    const [id, has] = await this.#fresh();
    const add = item(addAttribute, { uniqueIdentifier: id, newAttribute: first });
    await this.#try('Add Attribute', add, this.#expected.add(has));
    for (const having of [true, false]) await this.#change(name, second, having);
  }

  /** Modify, Set and Delete Attribute on an object that has the attribute, or one that does not. */
  async #change(name: AttributeName, value: GivenAttribute, having: boolean): Promise<void> {
    const target = async () => {
      const [id, has] = await this.#fresh();
      if (having && !has) await this.#user.batch([item(addAttribute, { uniqueIdentifier: id, newAttribute: value })]);
      return [id, (await shown(this.#user, id, name)).length > 0] as const;
    };
    const [id, has] = await target();
    const modify = item(modifyAttribute, { uniqueIdentifier: id, newAttribute: value });
    await this.#try('Modify Attribute', modify, this.#expected.modify(has));
    if (this.#user.version >= 20) {
      const [other] = await target();
      const set = item(setAttribute, { uniqueIdentifier: other, newAttribute: value });
      await this.#try('Set Attribute', set, this.#expected.set(has));
    }
    const [last] = await target();
    const remove = item(deleteAttribute, { uniqueIdentifier: last, attributeReference: name });
    await this.#try('Delete Attribute', remove, this.#expected.delete(has));
  }

  async #fresh(): Promise<readonly [string, boolean]> {
    const id = await registered(this.#user, this.#object);
    return [id, (await shown(this.#user, id, this.#expected.name)).length > 0];
  }

  async #try(what: string, request: Parameters<User['batch']>[0][number], verdict: Verdict): Promise<void> {
    const [outcome] = await this.#user.batch([request]);
    const told = outcome?.status === 'failed' ? String(outcome.error) : '';
    assert.equal(resultOf(outcome), verdict, `${what} ${this.#expected.name}: ${told}`);
  }
}

const published = publishedAttributes();

describe('the rule tables of attributes', () => {
  if (published === undefined) it('are not at hand');
  for (const kind of kinds) {
    const name = Object.entries(ObjectType).find(([, type]) => type === kind.type)?.[0];
    for (const version of versions) {
      if (published === undefined) continue;
      it(`are kept for ${name} in KMIP ${dotted(version)}`, async () => {
        const user = (await TestNode.open()).as('alice', version);
        const object = await kind.object();
        const failures: string[] = [];
        for (const [attribute, rules] of Object.entries(published)) {
          const ofVersion = rules[dotted(version)];
          if (ofVersion === undefined || !(attribute in samples)) continue;
          const expected = new Expected(attribute as AttributeName, ofVersion, kind);
          await new Trial(user, expected, kind, object).run().catch((error: Error) => failures.push(error.message));
        }
        assert.deepEqual(failures, []);
      });
    }
  }
});
