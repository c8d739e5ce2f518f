import type { Buffer } from 'node:buffer';
import {
  bigInteger,
  byteString,
  type Codec,
  enumeration,
  integer,
  optional,
  repeated,
  required,
  structure,
} from '../../ttlv/structure.ts';
import {
  type CertificateRequestType,
  type CertificateType,
  enumInfo,
  ObjectType,
  type SecretDataType,
  type SplitKeyMethod,
} from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { LATEST, type Version } from '../../ttlv/tables/versions.ts';
import type { GivenAttribute } from './attribute-set.ts';
import { legacyAttribute } from './legacy.ts';
import { type KeyBlock, keyBlock } from './structures/key-block.ts';
import { extensible } from './structures/lenient.ts';

/** What the managed objects of each type consist of (KMIP 2.1, 2; Template: 1.4, 2.2.6). */
interface Contents {
  [ObjectType.Certificate]: { readonly certificateType: CertificateType; readonly certificateValue: Buffer };
  [ObjectType.SymmetricKey]: { readonly keyBlock: KeyBlock };
  [ObjectType.PublicKey]: { readonly keyBlock: KeyBlock };
  [ObjectType.PrivateKey]: { readonly keyBlock: KeyBlock };
  [ObjectType.SplitKey]: {
    readonly splitKeyParts: number;
    readonly keyPartIdentifier: number;
    readonly splitKeyThreshold: number;
    readonly splitKeyMethod: SplitKeyMethod;
    readonly primeFieldSize?: Buffer;
    readonly keyBlock: KeyBlock;
  };
  [ObjectType.Template]: { readonly attributes: readonly GivenAttribute[] };
  [ObjectType.SecretData]: { readonly secretDataType: SecretDataType; readonly keyBlock: KeyBlock };
  [ObjectType.OpaqueObject]: { readonly opaqueDataType: number; readonly opaqueDataValue: Buffer };
  [ObjectType.PGPKey]: { readonly pgpKeyVersion: number; readonly keyBlock: KeyBlock };
  [ObjectType.CertificateRequest]: {
    readonly certificateRequestType: CertificateRequestType;
    readonly certificateRequestValue: Buffer;
  };
}

/** A managed object of one type. */
export type ManagedObjectOf<T extends ObjectType> = { readonly type: T } & Contents[T];

/** A managed object: `type` tells what the rest is. */
export type ManagedObjectValue = { [T in ObjectType]: ManagedObjectOf<T> }[ObjectType];

/** A row of the table of object types. */
interface ObjectRow<T extends ObjectType> {
  readonly tag: number;
  readonly codec: Codec<Contents[T]>;
  readonly since?: Version;
  readonly until?: Version;
}

const oneKey = structure({ keyBlock: required(Tag.KeyBlock, keyBlock) });

/** The object types: the tag and the structure of each, and the versions that have it. */
export const objects: { readonly [T in ObjectType]: ObjectRow<T> } = {
  [ObjectType.Certificate]: {
    tag: Tag.Certificate,
    codec: structure({
      certificateType: required(Tag.CertificateType, enumeration(enumInfo.CertificateType)),
      certificateValue: required(Tag.CertificateValue, byteString),
    }),
  },
  [ObjectType.SymmetricKey]: { tag: Tag.SymmetricKey, codec: oneKey },
  [ObjectType.PublicKey]: { tag: Tag.PublicKey, codec: oneKey },
  [ObjectType.PrivateKey]: { tag: Tag.PrivateKey, codec: oneKey },
  [ObjectType.SplitKey]: {
    tag: Tag.SplitKey,
    codec: structure({
      splitKeyParts: required(Tag.SplitKeyParts, integer),
      keyPartIdentifier: required(Tag.KeyPartIdentifier, integer),
      splitKeyThreshold: required(Tag.SplitKeyThreshold, integer),
      splitKeyMethod: required(Tag.SplitKeyMethod, enumeration(enumInfo.SplitKeyMethod)),
      primeFieldSize: optional(Tag.PrimeFieldSize, bigInteger),
      keyBlock: required(Tag.KeyBlock, keyBlock),
    }),
  },
  [ObjectType.Template]: {
    tag: Tag.Template,
    codec: structure({ attributes: repeated(Tag.Attribute, legacyAttribute, { min: 1 }) }),
    until: 14,
  },
  [ObjectType.SecretData]: {
    tag: Tag.SecretData,
    codec: structure({
      secretDataType: required(Tag.SecretDataType, enumeration(enumInfo.SecretDataType)),
      keyBlock: required(Tag.KeyBlock, keyBlock),
    }),
  },
  [ObjectType.OpaqueObject]: {
    tag: Tag.OpaqueObject,
    codec: structure({
      opaqueDataType: required(Tag.OpaqueDataType, extensible(enumInfo.OpaqueDataType)),
      opaqueDataValue: required(Tag.OpaqueDataValue, byteString),
    }),
  },
  [ObjectType.PGPKey]: {
    tag: Tag.PGPKey,
    codec: structure({
      pgpKeyVersion: required(Tag.PGPKeyVersion, integer),
      keyBlock: required(Tag.KeyBlock, keyBlock),
    }),
    since: 12,
  },
  [ObjectType.CertificateRequest]: {
    tag: Tag.CertificateRequest,
    codec: structure({
      certificateRequestType: required(Tag.CertificateRequestType, enumeration(enumInfo.CertificateRequestType)),
      certificateRequestValue: required(Tag.CertificateRequestValue, byteString),
    }),
    since: 20,
  },
};

const typeByTag: ReadonlyMap<number, ObjectType> = new Map(
  Object.values(ObjectType).map((type) => [objects[type].tag, type]),
);

/** The tags under which managed objects come. */
const objectTags: readonly number[] = [...typeByTag.keys()];

/**
 * A managed object under the tag of its type. An object type that the version does not have is `unknown-tag`; writing
 * one is a mistake of the caller.
 */
export const managedObject: Codec<ManagedObjectValue> = {
  type: undefined,
  tags: objectTags,
  read: (reader, version) => {
    const type = typeByTag.get(reader.tag);
    if (type === undefined || !hasObjectType(version, type)) return reader.fail('unknown-tag');
    const contents = objects[type].codec.read(reader, version);
    return { type, ...contents } as ManagedObjectValue;
  },
  write: (writer, _tag, value, version) => {
    const { tag, codec } = objects[value.type] as ObjectRow<never>;
    codec.write(writer, tag, value as never, version);
  },
};

/** Whether the version has the object type. */
export function hasObjectType(version: Version, type: ObjectType): boolean {
  const { since = 10, until = LATEST } = objects[type];
  return version >= since && version <= until;
}
