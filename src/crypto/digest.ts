import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { HashingAlgorithm, KeyFormatType, ObjectType } from '../../ttlv/tables/enums.ts';
import { LATEST } from '../../ttlv/tables/versions.ts';
import type { ManagedObjectValue } from '../kmip/objects.ts';
import type { Digest } from '../kmip/structures/cryptographic.ts';
import { keyMaterialBytes } from '../kmip/structures/key-value-bytes.ts';

/**
 * The Digest attribute of an object, SHA-256 (KMIP 2.1, 4.21): over Key Material, Certificate Value or Opaque Data
 * Value, in the form of the object (convert it first for a digest in another Key Format Type). Undefined where the
 * material is wrapped or not on the server.
 */
export function digestOf(value: ManagedObjectValue): Digest | undefined {
  const digested = digestedBytes(value);
  if (digested === undefined) return undefined;
  const [bytes, keyFormatType] = digested;
  return {
    hashingAlgorithm: HashingAlgorithm.SHA_256,
    digestValue: hash('sha256', bytes, 'buffer'),
    keyFormatType,
  };
}

/** The bytes and the Key Format Type to name; published case TC-CERTATTR names Raw for a certificate. */
function digestedBytes(value: ManagedObjectValue): [Buffer, KeyFormatType] | undefined {
  if (value.type === ObjectType.Certificate) return [value.certificateValue, KeyFormatType.Raw];
  if (value.type === ObjectType.CertificateRequest) return [value.certificateRequestValue, KeyFormatType.PKCS_10];
  if (value.type === ObjectType.OpaqueObject) return [value.opaqueDataValue, KeyFormatType.Opaque];
  if (value.type === ObjectType.Template) return undefined;
  const { keyValue, keyWrappingData, keyFormatType } = value.keyBlock;
  if (keyValue === undefined || Buffer.isBuffer(keyValue) || keyWrappingData !== undefined) return undefined;
  return [keyMaterialBytes(keyFormatType, keyValue.keyMaterial, LATEST), keyFormatType];
}
