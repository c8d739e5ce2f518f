import { LinkType, ObjectType } from '../../ttlv/tables/enums.ts';
import { choosePair } from '../crypto/algorithms.ts';
import { generatePair } from '../crypto/generate.ts';
import { KmipError } from '../errors.ts';
import type { AttributeSet, GivenAttribute } from '../kmip/attribute-set.ts';
import { sameValue } from '../objects/attributes.ts';
import type { Put } from '../objects/changes.ts';
import { linkTo } from '../objects/links.ts';
import { joined, required } from './attribute-groups.ts';
import type { Context } from './context.ts';
import { type Making, newObject } from './making.ts';
import { requestedAttributes } from './requested.ts';

/** The attributes of both keys of a new pair, checked, and what the operation adds to them. */
export interface PairAttributes {
  readonly privateKey: HalfAttributes;
  readonly publicKey: HalfAttributes;
}

type HalfAttributes = Pick<Making, 'given' | 'facts' | 'owner'>;

/** The two new objects of a pair. */
export interface NewPair {
  readonly privateKey: Put;
  readonly publicKey: Put;
}

/** Must have the same value in both keys (KMIP 2.1, table 191). */
const shared = [
  'CryptographicAlgorithm',
  'CryptographicLength',
  'CryptographicDomainParameters',
  'CryptographicParameters',
] as const;

/** The attributes that a request has for the keys of a pair. */
interface PairRequest {
  readonly commonAttributes?: readonly GivenAttribute[];
  readonly privateKeyAttributes?: readonly GivenAttribute[];
  readonly publicKeyAttributes?: readonly GivenAttribute[];
}

/** What a request gives each key: its own attributes before the common ones, and each before those of its templates. */
export async function pairAttributes(context: Context, request: PairRequest) {
  const common = await requestedAttributes(context, request.commonAttributes);
  return {
    ofPrivate: joined(common, await requestedAttributes(context, request.privateKeyAttributes)),
    ofPublic: joined(common, await requestedAttributes(context, request.publicKeyAttributes)),
  };
}

/**
 * A new key pair, each key linked to the other. Throws `missing-data` without an algorithm, `invalid-field` where the two
 * keys are to differ in what they must share, `invalid-attribute-value` for keys that are not made.
 */
export async function newPair(context: Context, { privateKey, publicKey }: PairAttributes): Promise<NewPair> {
  checkShared(privateKey.given, publicKey.given);
  const generated = await generatePair(
    choosePair({
      algorithm: required(privateKey.given, 'CryptographicAlgorithm'),
      length: privateKey.given.get('CryptographicLength'),
      curve: privateKey.given.get('CryptographicDomainParameters')?.recommendedCurve,
    }),
  );
  const [privateId, publicId] = [context.newIdentifier(), context.newIdentifier()];
  return {
    privateKey: newObject(context, {
      id: privateId,
      value: { type: ObjectType.PrivateKey, keyBlock: generated.privateKey },
      ...privateKey,
      facts: [...(privateKey.facts ?? []), linkTo(LinkType.PublicKeyLink, publicId)],
      generated: true,
    }),
    publicKey: newObject(context, {
      id: publicId,
      value: { type: ObjectType.PublicKey, keyBlock: generated.publicKey },
      ...publicKey,
      facts: [...(publicKey.facts ?? []), linkTo(LinkType.PrivateKeyLink, privateId)],
      generated: true,
    }),
  };
}

function checkShared(privateKey: AttributeSet, publicKey: AttributeSet): void {
  for (const name of shared) {
    const [one, other] = [privateKey.instances(name), publicKey.instances(name)];
    if (
      !sameValue(
        one.map(({ value }) => value),
        other.map(({ value }) => value),
      )
    ) {
      throw new KmipError('invalid-field', `the ${name} of the two keys must be the same`);
    }
  }
}
