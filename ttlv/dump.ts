import { Buffer } from 'node:buffer';
import { Budget } from './budget.ts';
import { TtlvError, tagName } from './errors.ts';
import { type Item, type ItemOf, ItemType, type ItemValues, typeName } from './item.ts';
import { attributeNameOf, meaningOf } from './names.ts';
import { decodeItem } from './reader.ts';
import { Tag, tagInfo } from './tables/tags.ts';
import { enumerationText, maskText, microsecondsText, type ScalarType, secondsText } from './text-values.ts';

/** Tags under which everything is hidden. */
const secretTags: ReadonlySet<number> = new Set([
  Tag.CredentialValue,
  Tag.KeyMaterial,
  Tag.OneTimePassword,
  Tag.Password,
  Tag.Ticket,
  Tag.VendorExtension,
]);

/** The Byte Strings that are shown: identifiers and public certificates. All others are hidden. */
const shownBytes: ReadonlySet<number> = new Set([
  Tag.AsynchronousCorrelationValue,
  Tag.CertificateSerialNumber,
  Tag.CertificateValue,
  Tag.IssuerDistinguishedName,
  Tag.NonceID,
  Tag.ShortUniqueIdentifier,
  Tag.SubjectDistinguishedName,
  Tag.UniqueBatchItemID,
]);

/**
 * A message or item as indented text, one line an item, for logs and for the differences that tests show. Hidden are all
 * key material, credentials and passwords, every Byte String and Big Integer that is not known to be harmless, and the
 * values of custom attributes and of tags that the standard does not know. A buffer that is no TTLV becomes one line
 * that says so. Only tests have a reason to pass `redact: false`.
 */
export function dump(message: Buffer | Item, options: { readonly redact: boolean } = { redact: true }): string {
  if (!Buffer.isBuffer(message)) return lines(message, undefined, { indent: '', hide: false, ...options });
  try {
    return dump(decodeItem(message, new Budget()), options);
  } catch (error) {
    if (!(error instanceof TtlvError)) throw error;
    return `${message.length} bytes, not decodable at ${error.offset}: ${error.message}\n`;
  }
}

interface Context {
  readonly indent: string;
  readonly redact: boolean;
  /** True inside a structure that is secret as a whole. */
  readonly hide: boolean;
}

/** `attributeName` is that of the Attribute around the item. */
function lines(item: Item, attributeName: string | undefined, context: Context): string {
  const meaning = meaningOf(item.tag, attributeName);
  const hide = context.hide || (context.redact && isSecret(meaning));
  const head = `${context.indent}${tagName(item.tag)}`;
  if (item.type === ItemType.Structure) {
    const inner = attributeNameOf(item.value);
    const inside = { ...context, indent: `${context.indent}  `, hide };
    return `${head}\n${item.value.map((child) => lines(child, inner, inside)).join('')}`;
  }
  const value = hide ? '(hidden)' : scalarText(item, meaning, context.redact);
  return `${head} ${typeName(item.type)} ${value}\n`;
}

/** An Attribute Value whose attribute the standard does not know keeps its own tag, which is why that is here. */
function isSecret(meaning: number): boolean {
  return secretTags.has(meaning) || meaning === Tag.AttributeValue || !tagInfo.has(meaning);
}

type Printers = {
  readonly [Type in ScalarType]: (value: ItemValues[Type], meaning: number, redact: boolean) => string;
};

function bytesText(value: Buffer, meaning: number, redact: boolean): string {
  return redact && !shownBytes.has(meaning) ? `(hidden, ${value.length} bytes)` : value.toString('hex');
}

const printers: Printers = {
  [ItemType.Integer]: (value, meaning) => maskText(value, meaning, '|') ?? String(value),
  [ItemType.LongInteger]: String,
  [ItemType.BigInteger]: bytesText,
  [ItemType.Enumeration]: enumerationText,
  [ItemType.Boolean]: String,
  // Quoted and escaped, so that no text can look like another line of the log.
  [ItemType.TextString]: (value) => JSON.stringify(value),
  [ItemType.ByteString]: bytesText,
  [ItemType.DateTime]: secondsText,
  [ItemType.Interval]: String,
  [ItemType.DateTimeExtended]: microsecondsText,
};

function scalarText<Type extends ScalarType>(item: ItemOf<Type>, meaning: number, redact: boolean): string {
  return printers[item.type](item.value, meaning, redact);
}
