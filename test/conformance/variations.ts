import { type Item, ItemType } from '../../ttlv/item.ts';
import { CryptographicAlgorithm, ObjectType, Operation, PaddingMethod } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import type { History, Origin } from './history.ts';
import { childrenOf, find, findDeep, numberOf, textOf } from './walk.ts';

/** An item of an answer, and what the permission to differ from the published one depends on. */
export interface Place {
  /** The tag of the item; for an Attribute Value (1.x) that of the attribute. */
  readonly meaning: number;
  /** The tags around it, outermost first; meanings as well. */
  readonly around: readonly number[];
  readonly expected: Item;
  readonly actual: Item;
  readonly operation: number | undefined;
  /** The Request Payload of the batch item. */
  readonly request: Item | undefined;
  /** The Response Payload as published, with the placeholders that were known. */
  readonly published: Item | undefined;
  /** The object that the batch item is about, if the family made it. */
  readonly origin: Origin | undefined;
  readonly history: History;
}

/**
 * Items whose value may differ from the published one. The numbers are those of "Permitted Test Case Variations",
 * "Variable Items", which all profiles of 1.0 share (`profiles-*-1.0`). Identifiers (1, 2, 3, 10) are compared by the
 * placeholders that stand for them; 4 is compared, since it has to be echoed; 5 and 18 appear in no case that is run.
 */
const variableItems: ReadonlyMap<number, (place: Place) => boolean> = new Map([
  [Tag.TimeStamp, () => true], // 6
  [Tag.KeyMaterial, isGenerated], // 7 a
  [Tag.KeyValue, isWrappedAnew], // 7 b
  [Tag.Data, isVariableOutput], // 8
  [Tag.SignatureData, isVariableOutput],
  [Tag.MACData, isVariableOutput],
  [Tag.IVCounterNonce, isVariableOutput],
  [Tag.ActivationDate, isServersDate], // 9
  [Tag.ArchiveDate, isServersDate],
  [Tag.CompromiseDate, isServersDate],
  [Tag.CompromiseOccurrenceDate, isServersDate],
  [Tag.DeactivationDate, isServersDate],
  [Tag.DestroyDate, isServersDate],
  [Tag.InitialDate, isServersDate],
  [Tag.LastChangeDate, isServersDate],
  [Tag.ProcessStartDate, isServersDate],
  [Tag.ProtectStopDate, isServersDate],
  [Tag.ValidityDate, isServersDate],
  [Tag.OriginalCreationDate, isServersDate],
  [Tag.DigestValue, isGenerated], // 11
  [Tag.KeyFormatType, isGenerated], // 12
  [Tag.Digest, isOtherDigest], // 13
  [Tag.VendorIdentification, (place) => place.operation === Operation.Query], // 27

  // What the profiles of 1.0 could not list yet, as their editions of later versions do: facts about the server.
  [Tag.ServerInformation, () => true],
  [Tag.RandomNumberGenerator, ({ actual }) => find(childrenOf(actual), Tag.RNGAlgorithm) !== undefined],
  [Tag.ShortUniqueIdentifier, () => true],
]);

/** Whether the value of the item may be another one of the same type than is published. */
export function mayDiffer(place: Place): boolean {
  return variableItems.get(place.meaning)?.(place) ?? false;
}

/** Whether two values that may differ must at least be of one length, as symmetric keys and ciphertexts are. */
export function mustBeAsLong({ meaning, around }: Place): boolean {
  if (meaning === Tag.KeyMaterial) return around.includes(Tag.SymmetricKey);
  return meaning === Tag.KeyValue || meaning === Tag.Data || meaning === Tag.IVCounterNonce;
}

function isGenerated({ origin }: Place): boolean {
  return origin?.generated === true;
}

/** A wrapped key under a key that the server made, or one that the server made itself. */
function isWrappedAnew(place: Place): boolean {
  if (place.expected.type !== ItemType.ByteString) return false;
  const wrapping = textOf(
    find(childrenOf(findDeep(place.request, Tag.EncryptionKeyInformation)), Tag.UniqueIdentifier),
  );
  return isGenerated(place) || place.history.originOf(wrapping)?.generated === true;
}

/** A digest by another algorithm than the published one. */
function isOtherDigest({ expected, actual }: Place): boolean {
  const [published, given] = [expected, actual].map((digest) => find(childrenOf(digest), Tag.HashingAlgorithm)?.value);
  return given !== undefined && given !== published;
}

function isServersDate({ meaning, expected, history, request }: Place): boolean {
  if (expected.type !== ItemType.DateTime) return false;
  const asked = findDeep(request, meaning);
  return !history.gaveDate(meaning, expected.value) && asked?.value !== expected.value;
}

/** The output of a cryptographic operation under a generated key, or of one that gives another one each time. */
function isVariableOutput(place: Place): boolean {
  if (place.origin === undefined) return false;
  if (isGenerated(place)) return true;
  if (place.operation !== Operation.Encrypt && place.operation !== Operation.Sign) return false;
  return isRandomized(place, place.origin);
}

const randomizedPaddings: ReadonlySet<number | undefined> = new Set([PaddingMethod.OAEP, PaddingMethod.PSS]);
const ellipticCurves: ReadonlySet<number | undefined> = new Set([
  CryptographicAlgorithm.EC,
  CryptographicAlgorithm.ECDSA,
]);

function isRandomized({ request, published, operation }: Place, { payload }: Origin): boolean {
  // The IV is in the answer only if the server made it (KMIP 1.2, 4.29).
  if (find(childrenOf(published), Tag.IVCounterNonce) !== undefined) return true;
  if (operation === Operation.Encrypt && numberOf(findDeep(payload, Tag.ObjectType)) === ObjectType.PublicKey)
    return true;
  if (ellipticCurves.has(numberOf(findDeep(payload, Tag.CryptographicAlgorithm)))) return true;
  const parameters = findDeep(request, Tag.CryptographicParameters) ?? findDeep(payload, Tag.CryptographicParameters);
  return randomizedPaddings.has(numberOf(find(childrenOf(parameters), Tag.PaddingMethod)));
}

/** Query answers about the server whose number and values are free (14, 15). */
export const freeQueryItems: ReadonlySet<number> = new Set([Tag.ExtensionInformation, Tag.ApplicationNamespace]);

/** Whether an answer may have or lack the item (22 to 25); from 1.4 on also the server's own number for the message. */
export function isOptional(item: Item, version: Version): boolean {
  if (item.tag === Tag.MessageExtension) return find(childrenOf(item), Tag.CriticalityIndicator)?.value === false;
  if (item.tag === Tag.AttributeIndex) return version >= 11 && item.value === 0;
  return optionalItems.has(item.tag);
}

const optionalItems: ReadonlySet<number> = new Set([
  Tag.TemplateAttribute,
  Tag.PrivateKeyTemplateAttribute,
  Tag.PublicKeyTemplateAttribute,
  Tag.ResultMessage,
  Tag.ServerCorrelationValue,
]);
