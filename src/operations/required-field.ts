import { KmipError } from '../errors.ts';
import type { Data } from '../kmip/structures/data.ts';

/** A field that the standard lets be absent in some uses of a payload, but not in this one. Throws `missing-data`. */
export function requiredField<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new KmipError('missing-data', `${name} is missing`);
  return value;
}

/**
 * The bytes of Data. Since 2.0 it may be given as a reference to what an earlier operation of the batch answered, which
 * is `feature-not-supported` here. Throws `missing-data`.
 */
export function requiredData(data: Data | undefined): Buffer {
  const given = requiredField(data, 'Data');
  if (Buffer.isBuffer(given)) return given;
  throw new KmipError('feature-not-supported', 'Data must be a Byte String');
}
