import { LinkType } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { AttributeSet, type GivenAttribute } from '../kmip/attribute-set.ts';
import type { AttributeName } from '../kmip/attributes.ts';
import { rulesOf } from '../objects/attributes.ts';
import type { Put } from '../objects/changes.ts';
import { touched } from '../objects/lifecycle.ts';
import { linked, withLink, withoutLinks } from '../objects/links.ts';
import type { ManagedObject } from '../objects/object.ts';

/** What a replacement does not take over (KMIP 2.1, tables 304 and 309): it is set anew, or not at all. */
const notCopied: readonly AttributeName[] = [
  'InitialDate',
  'LastChangeDate',
  'OriginalCreationDate',
  'DestroyDate',
  'CompromiseOccurrenceDate',
  'CompromiseDate',
  'RevocationReason',
  'RandomNumberGenerator',
  'Fresh',
  'KeyFormatType',
  'ShortUniqueIdentifier',
  'KeyValuePresent',
  'KeyValueLocation',
  'AlwaysSensitive',
  'NeverExtractable',
];

/** The dates that move by the same time as the Activation Date where an Offset is given. */
const movedDates = ['ProcessStartDate', 'ProtectStopDate', 'DeactivationDate'] as const;

/**
 * The attributes of a replacement: those of the existing object, its names included, with dates by `offset` (seconds;
 * KMIP 2.1, tables 303 and 308), and what the request gives. Single values of the request come in the place of copied
 * ones, others beside them. Throws `wrong-state` where the object was replaced before: Re-key is done once on a key, so
 * that two clients at once get one successor; `invalid-message` and `no-activation-date` for an Offset that does not go
 * with the dates (KMIP 1.4, 11.5).
 */
export function replacementAttributes(
  existing: ManagedObject,
  requested: readonly GivenAttribute[],
  offset: number | undefined,
  now: number,
): AttributeSet {
  if (linked(existing.attributes, LinkType.ReplacementObjectLink).length > 0) {
    throw new KmipError('wrong-state', 'the key has been replaced already');
  }
  let attributes = withoutLinks(existing.attributes, Object.values(LinkType));
  for (const name of notCopied) attributes = attributes.without(name);
  if (offset !== undefined) {
    refuseDates(requested);
    attributes = moved(attributes, now + offset);
  }
  return merged(attributes, requested);
}

/** An Offset tells the dates, and so the request must not. */
function refuseDates(requested: readonly GivenAttribute[]): void {
  const dates: readonly string[] = ['ActivationDate', ...movedDates];
  if (requested.some(({ key }) => dates.includes(key))) {
    throw new KmipError('invalid-message', 'an Offset and dates exclude each other');
  }
}

function moved(attributes: AttributeSet, activation: number): AttributeSet {
  const before = attributes.get('ActivationDate');
  if (before === undefined) {
    if (!movedDates.some((name) => attributes.has(name))) return attributes;
    throw new KmipError('no-activation-date', 'the key has dates, but no Activation Date for the Offset to begin at');
  }
  let result = attributes.with('ActivationDate', activation);
  for (const name of movedDates) {
    const date = attributes.get(name);
    if (date !== undefined) result = result.with(name, date + activation - before);
  }
  return result;
}

/** Copied and requested instances with fresh indexes. */
function merged(copied: AttributeSet, requested: readonly GivenAttribute[]): AttributeSet {
  const isReplaced = (key: GivenAttribute['key']) =>
    rulesOf(key).multiple !== true && requested.some((one) => one.key === key);
  const kept = [...copied.keys()]
    .filter((key) => !isReplaced(key))
    .flatMap((key) => copied.instances(key).map(({ value }) => ({ key, value })));
  return AttributeSet.of([...kept, ...requested]);
}

/** The existing object once it is replaced: without its names, and linked to its successor. */
export function replacedPut(existing: ManagedObject, successor: string, now: number): Put {
  const after = touched(existing, now);
  const attributes = withLink(after.attributes.without('Name'), LinkType.ReplacementObjectLink, successor);
  return { before: existing, after: { ...after, attributes } };
}
