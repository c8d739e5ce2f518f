import { Buffer } from 'node:buffer';
import type { CryptographicParameters } from '../kmip/structures/cryptographic.ts';

/**
 * The parameters of an operation: those of the request, completed from the first Cryptographic Parameters of the key
 * (in the order of their instances) that contradicts none of them. A request without parameters takes the key's first
 * instance (KMIP 1.4, 2.1.6). Parameters are not mixed from instances that disagree: a key's CBC with PKCS5 must not
 * lend its padding to a request for GCM. What is still missing has the default of the algorithm, where it is used.
 */
export function effectiveParameters(
  request: CryptographicParameters | undefined,
  ofKey: readonly CryptographicParameters[],
): CryptographicParameters {
  if (request === undefined) return ofKey[0] ?? {};
  const fitting = ofKey.find((one) => agree(request, one));
  return fitting === undefined ? request : { ...fitting, ...request };
}

/**
 * Whether the parameters of a Key Wrapping Specification match an instance of the wrapping key's attribute: each field
 * that they have is there, with the same value (KMIP 2.1, 7.18).
 */
export function matchesInstance(
  parameters: CryptographicParameters,
  ofKey: readonly CryptographicParameters[],
): boolean {
  return ofKey.some((one) => agree(parameters, one) && keys(parameters).every((key) => one[key] !== undefined));
}

function agree(one: CryptographicParameters, other: CryptographicParameters): boolean {
  return keys(one).every((key) => other[key] === undefined || equal(one[key], other[key]));
}

function keys(parameters: CryptographicParameters): (keyof CryptographicParameters)[] {
  return Object.keys(parameters) as (keyof CryptographicParameters)[];
}

function equal(one: unknown, other: unknown): boolean {
  return one instanceof Uint8Array && other instanceof Uint8Array ? Buffer.compare(one, other) === 0 : one === other;
}
