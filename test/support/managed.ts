import type { GivenAttribute } from '../../src/kmip/attribute-set.ts';
import type { ManagedObjectValue } from '../../src/kmip/objects.ts';
import { create } from '../../src/operations/create.ts';
import { createKeyPair } from '../../src/operations/create-key-pair.ts';
import { getAttributes } from '../../src/operations/get-attributes.ts';
import { locate } from '../../src/operations/locate.ts';
import { register } from '../../src/operations/register.ts';
import {
  CryptographicAlgorithm,
  KeyFormatType,
  NameType,
  ObjectType,
  RecommendedCurve,
  SecretDataType,
} from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import type { User } from './node.ts';

export const anyUse =
  CryptographicUsageMask.Encrypt |
  CryptographicUsageMask.Decrypt |
  CryptographicUsageMask.MACGenerate |
  CryptographicUsageMask.MACVerify |
  CryptographicUsageMask.WrapKey |
  CryptographicUsageMask.UnwrapKey;

/** The attributes of an AES key for everything that such keys do. */
export const aes: readonly GivenAttribute[] = [
  { key: 'CryptographicAlgorithm', value: CryptographicAlgorithm.AES },
  { key: 'CryptographicLength', value: 256 },
  { key: 'CryptographicUsageMask', value: anyUse },
];

/** A Name attribute. */
export function named(nameValue: string): GivenAttribute {
  return { key: 'Name', value: { nameValue, nameType: NameType.UninterpretedTextString } };
}

/** Creates an AES key; answers its identifier. */
export async function newKey(user: User, ...attributes: GivenAttribute[]): Promise<string> {
  const given = attributes.map(({ key }) => key);
  const all = [...aes.filter(({ key }) => !given.includes(key)), ...attributes];
  const { uniqueIdentifier } = await user.ask(create, { objectType: ObjectType.SymmetricKey, attributes: all });
  return uniqueIdentifier;
}

/** Creates a key that is Active since `since`, in seconds. */
export function newActiveKey(user: User, since: number, ...attributes: GivenAttribute[]): Promise<string> {
  return newKey(user, { key: 'ActivationDate', value: since }, ...attributes);
}

interface PairOptions {
  readonly common?: readonly GivenAttribute[];
  readonly private?: readonly GivenAttribute[];
  readonly public?: readonly GivenAttribute[];
}

/** The two keys of an EC pair on P-256 that signs. */
export async function newPair(user: User, own: PairOptions = {}): Promise<{ privateKey: string; publicKey: string }> {
  const answer = await user.ask(createKeyPair, {
    commonAttributes: [
      { key: 'CryptographicAlgorithm', value: CryptographicAlgorithm.EC },
      { key: 'CryptographicDomainParameters', value: { recommendedCurve: RecommendedCurve.P_256 } },
      ...(own.common ?? []),
    ],
    privateKeyAttributes: orElse(own.private, { key: 'CryptographicUsageMask', value: CryptographicUsageMask.Sign }),
    publicKeyAttributes: orElse(own.public, { key: 'CryptographicUsageMask', value: CryptographicUsageMask.Verify }),
  });
  return { privateKey: answer.privateKeyUniqueIdentifier, publicKey: answer.publicKeyUniqueIdentifier };
}

/** The attributes, and another one where it is not among them. */
function orElse(given: readonly GivenAttribute[] = [], other: GivenAttribute): readonly GivenAttribute[] {
  return given.some(({ key }) => key === other.key) ? given : [...given, other];
}

/** An AES key as a client brings it. */
export function aesKey(bytes: Buffer): ManagedObjectValue {
  return {
    type: ObjectType.SymmetricKey,
    keyBlock: {
      keyFormatType: KeyFormatType.Raw,
      keyValue: { keyMaterial: bytes, attributes: [] },
      cryptographicAlgorithm: CryptographicAlgorithm.AES,
      cryptographicLength: bytes.length * 8,
    },
  };
}

/** A password as a client brings it. */
export function password(text: string): ManagedObjectValue {
  return {
    type: ObjectType.SecretData,
    secretDataType: SecretDataType.Password,
    keyBlock: { keyFormatType: KeyFormatType.Opaque, keyValue: { keyMaterial: Buffer.from(text), attributes: [] } },
  };
}

/** Registers an object; answers its identifier. */
export async function registered(
  user: User,
  object: ManagedObjectValue,
  ...attributes: GivenAttribute[]
): Promise<string> {
  const { uniqueIdentifier } = await user.ask(register, { objectType: object.type, object, attributes });
  return uniqueIdentifier;
}

/** The values of one attribute of an object, as Get Attributes shows them. */
export async function shown(user: User, id: string, key: GivenAttribute['key']): Promise<readonly unknown[]> {
  const { attributes } = await user.ask(getAttributes, { uniqueIdentifier: id, attributeReferences: [key] });
  return attributes.map(({ value }) => value);
}

/** The identifiers that Locate finds, newest first. */
export async function located(
  user: User,
  attributes: readonly GivenAttribute[] = [],
  options: { maximumItems?: number; offsetItems?: number; storageStatusMask?: number; objectGroupMember?: 1 | 2 } = {},
): Promise<readonly string[]> {
  const { uniqueIdentifier } = await user.ask(locate, { attributes, ...options });
  return uniqueIdentifier;
}
