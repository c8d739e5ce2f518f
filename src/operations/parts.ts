import { Buffer } from 'node:buffer';
import { KmipError } from '../errors.ts';
import type { Data } from '../kmip/structures/data.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Context } from './context.ts';
import { type CryptoRequest, type Purpose, spend, type UsableKey, usableKey } from './crypto-use.ts';
import { requiredData } from './required-field.ts';
import type { Outputs, Stream } from './streams.ts';

/** The fields of a request that may be one part of several (KMIP 2.1, 6.1). */
interface PartRequest extends CryptoRequest {
  readonly data?: Data;
  readonly digestedData?: Buffer;
  readonly correlationValue?: Buffer;
  readonly initIndicator?: boolean;
  readonly finalIndicator?: boolean;
}

/** An operation that can be done in several parts. */
export interface PartialOperation {
  readonly name: string;
  readonly purpose: Purpose;
  /** The signature or MAC that the request brings to be verified. */
  readonly proof?: Buffer | undefined;
  /** Begins with the first part's request. */
  begin(usable: UsableKey): Stream;
}

/** What a part is answered with; the Correlation Value is absent in the last one. */
interface PartAnswer extends Outputs {
  readonly uniqueIdentifier: string;
  readonly correlationValue?: Buffer;
}

/** Whether a request is one part of several: it has a Correlation Value, or just one of the two indicators is True. */
export function isPart({ correlationValue, initIndicator, finalIndicator }: PartRequest): boolean {
  return correlationValue !== undefined || (initIndicator === true) !== (finalIndicator === true);
}

/**
 * Does one part. The key is checked at each of them, so that none is done after a Revoke; Cryptographic Parameters and
 * vector are those of the first part, whatever later ones repeat. A part that fails ends the operation. Throws what
 * `usableKey`, `Streams` and the operation throw, `missing-data` and `invalid-field` for a wrong sequence of parts, and
 * `feature-not-supported` in a batch with Undo, since a part cannot be taken back.
 */
export async function runPart(
  context: Context,
  object: ManagedObject,
  request: PartRequest,
  operation: PartialOperation,
): Promise<PartAnswer> {
  const { streams, now } = context;
  if (streams === undefined) throw new KmipError('feature-not-supported', 'a part of an operation cannot be undone');
  checkSequence(request);
  const data = dataOf(request);
  const usable = await usableKey(context, object, request, operation.purpose);
  const { name, purpose, proof } = operation;
  const owner = { principal: context.principal.name, operation: name, object: object.id, key: usable.key.object };
  const isFirst = request.correlationValue === undefined;
  const value = request.correlationValue ?? streams.reserve(owner, now);
  const stream = isFirst ? operation.begin(usable) : streams.find(value, owner, now);
  await spend(context, object, purpose, { bytes: data.length, uses: isFirst ? 1 : 0 });
  if (!isFirst) streams.take(value, owner, now);
  const isLast = request.finalIndicator === true;
  const outputs = { ...(isFirst && stream.opening), ...(await stream.next({ data, isLast, proof })) };
  if (isLast) return { uniqueIdentifier: object.id, ...outputs };
  streams.keep(value, owner, stream, now);
  return { uniqueIdentifier: object.id, ...outputs, correlationValue: value };
}

function checkSequence({ correlationValue, initIndicator = false }: PartRequest): void {
  if (correlationValue !== undefined && initIndicator) {
    throw new KmipError('invalid-field', 'the first part has no Correlation Value yet');
  }
  if (correlationValue === undefined && !initIndicator) {
    throw new KmipError('missing-data', 'the Correlation Value of the first part is missing');
  }
}

/** The data of a part, which the first and the last one can do without (KMIP 2.1, 6.1). */
function dataOf({ data, digestedData, initIndicator = false, finalIndicator = false }: PartRequest): Buffer {
  if (digestedData !== undefined) throw new KmipError('invalid-field', 'Digested Data comes in one part');
  return data === undefined && (initIndicator || finalIndicator) ? Buffer.alloc(0) : requiredData(data);
}

/** The Data of an answer: absent where nothing is ready (published case TC-STREAM-ENC-2). */
export function nonEmpty(...pieces: Buffer[]): Outputs {
  const data = Buffer.concat(pieces);
  return data.length === 0 ? {} : { data };
}
