import type { Codec } from '../../ttlv/structure.ts';
import { ObjectType } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import type { OperationName } from '../errors.ts';

/**
 * When a client may do something with an attribute that the object has:
 * - `always`
 * - `pre-active`: only while the object is Pre-Active
 * - `pre-active-or-active`: only while it is Pre-Active or Active
 * - `until-reached`: the same, and as long as the date that the attribute holds has not been reached
 * - `until-allocated`: as long as no usage has been allocated (Usage Limits)
 */
export type When = 'always' | 'pre-active' | 'pre-active-or-active' | 'until-reached' | 'until-allocated';

/** The rules of the table that the standard prints for each attribute. */
export interface AttributeRules {
  /** The first and the last version that has the attribute; absent: 1.0, and still in the newest. */
  readonly since?: Version;
  readonly until?: Version;
  /** Who gives the first value. */
  readonly setBy: 'client' | 'server' | 'either';
  /** The server sets it to what the client asks for in Create, Register and the like, although `setBy` is the server. */
  readonly asked?: true;
  /** An object to which it applies always has a value. */
  readonly always?: true;
  /** Several instances are possible. */
  readonly multiple?: true;
  /** When clients may change and delete it; absent: never. */
  readonly modifiable?: When;
  readonly deletable?: When;
  /** The types of objects that can have it, in 1.x; with `widened`, all types since 2.0. */
  readonly appliesTo: readonly ObjectType[];
  readonly widened?: true;
  /** Operations that set it without being asked to. */
  readonly implicitlySetBy: readonly OperationName[];
  /** It tells of the key material, and so lies inside the ciphertext. */
  readonly secret?: true;
}

/** A row of the attribute table. */
export interface AttributeRow<T> extends AttributeRules {
  readonly codec: Codec<T>;
}

/** The operations that make an object. */
export const making = [
  'Create',
  'CreateKeyPair',
  'Register',
  'DeriveKey',
  'Certify',
  'ReCertify',
  'ReKey',
  'ReKeyKeyPair',
] as const satisfies readonly OperationName[];

/** Every type of managed object. */
export const allObjects: readonly ObjectType[] = Object.values(ObjectType);

/** Managed Cryptographic Objects. */
export const cryptographic: readonly ObjectType[] = allObjects.filter(
  (type) => type !== ObjectType.OpaqueObject && type !== ObjectType.Template,
);

/** Keys of every kind. */
export const keys: readonly ObjectType[] = [
  ObjectType.SymmetricKey,
  ObjectType.PublicKey,
  ObjectType.PrivateKey,
  ObjectType.SplitKey,
  ObjectType.PGPKey,
];
