import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Budget } from './budget.ts';
import { TtlvError, tagName } from './errors.ts';
import { type Item, type ItemOf, ItemType, type ItemValues, typeName } from './item.ts';
import { attributeNameOf, meaningOf } from './names.ts';
import { itemFromText, type TextEncoding } from './text-item.ts';
import { enumerationText, maskText, microsecondsText, type ScalarType, secondsText } from './text-values.ts';

/** The attributes of an element; the three that KMIP uses are named. */
interface XmlAttributes {
  readonly tag?: string;
  readonly type?: string;
  readonly value?: string;
  readonly [name: string]: string | undefined;
}

/** An XML element. */
export interface XmlNode {
  readonly name: string;
  readonly attrs: XmlAttributes;
  /** The elements inside. */
  readonly children: readonly XmlNode[];
  /** The text between the elements inside, of which a KMIP message has none. Published test cases keep remarks there. */
  readonly text: string;
  /** The text between the element before this one, or the start of what is around it, and this one. */
  readonly before: string;
}

/**
 * The root element of an XML document. Document type declarations and entities other than the five of XML itself are
 * refused; prefixes of namespaces are dropped.
 * @throws TtlvError `bad-syntax`, `too-large`, `too-many-items`
 */
export function parseXml(text: string, budget: Budget = new Budget()): XmlNode {
  if (text.length > budget.bytes) throw new TtlvError('too-large', 0, []);
  if (countElements(text) > budget.items) throw new TtlvError('too-many-items', 0, []);
  const { children, text: outside } = toContent(parseOrdered(text));
  const [root, ...others] = children;
  if (root === undefined || others.length > 0 || outside.trim() !== '') throw new TtlvError('bad-syntax', 0, []);
  return root;
}

/** The elements, counted before the parser makes anything of them; comments count as well. */
function countElements(text: string): number {
  let count = 0;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) if (text[at + 1] !== '/') count += 1;
  return count;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  processEntities: false,
  removeNSPrefix: true,
  trimValues: false,
  // Protects the parser itself; the budget's own limit of depth is checked when items are made.
  maxNestedTags: 256,
});

/** An element as the parser gives it: its name with its children, and `:@` with its attributes. */
type Parsed = Readonly<Record<string, unknown>>;

/** What the parser makes of a document without a document type declaration. */
function parseOrdered(text: string): readonly Parsed[] {
  // Text behind the root element is the one fault that neither the validator nor the parser reports.
  const closed = text.trimEnd().endsWith('>');
  const wellFormed = closed && !text.includes('<!DOCTYPE') && XMLValidator.validate(text) === true;
  if (!wellFormed) throw new TtlvError('bad-syntax', 0, []);
  try {
    return parser.parse(text);
  } catch {
    // The parser throws plain errors, for nesting that is too deep and for names that it reserves.
    throw new TtlvError('bad-syntax', 0, []);
  }
}

function toContent(parsed: readonly Parsed[]): Pick<XmlNode, 'children' | 'text'> {
  const children: XmlNode[] = [];
  let text = '';
  let before = '';
  for (const element of parsed) {
    const name = Object.keys(element).find((key) => key !== ':@') ?? '';
    if (name === '#text') {
      before += String(element[name]);
      continue;
    }
    const content = toContent(element[name] as readonly Parsed[]);
    children.push({ name, attrs: toAttributes(element[':@']), ...content, before });
    text += before;
    before = '';
  }
  return { children, text: text + before };
}

function toAttributes(parsed: unknown): XmlAttributes {
  const attrs: Record<string, string> = {};
  for (const [key, value] of Object.entries(parsed ?? {})) attrs[key] = decodeEntities(String(value));
  return attrs;
}

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function decodeEntities(text: string): string {
  return text.replace(/&([^;&]*)(;?)/g, (_match, name: string, end: string) => {
    const decoded = end === '' ? undefined : (entities.get(name) ?? decodeCharacter(name));
    if (decoded === undefined) throw new TtlvError('bad-syntax', 0, []);
    return decoded;
  });
}

/** The character of a reference such as `#913` or `#x391`; surrogates and what lies beyond Unicode are none. */
function decodeCharacter(reference: string): string | undefined {
  const digits = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(reference);
  if (digits === null) return undefined;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}

const isBlank = (node: XmlNode): boolean => node.text.trim() === '';

/** `<ObjectType type="Enumeration" value="SymmetricKey"/>` or `<TTLV tag="0x420057" ...>`; no type means Structure. */
const xmlEncoding: TextEncoding<XmlNode> = {
  tag: (node) => (node.name === 'TTLV' ? (node.attrs.tag ?? '') : node.name),
  type: (node) => node.attrs.type ?? 'Structure',
  value: (node) => (node.children.length === 0 && isBlank(node) ? node.attrs.value : undefined),
  children: (node) => (node.attrs.value === undefined && isBlank(node) ? node.children : undefined),
};

/**
 * The item that an element stands for (KMIP Additional Message Encodings 1.0, 6.1).
 * @throws TtlvError with the tag path: `bad-tag`, `bad-type`, `bad-syntax`, `invalid-value`, `unknown-enumeration`, or one of
 * the budget
 */
export function itemFromXml(node: XmlNode, budget: Budget = new Budget()): Item {
  return itemFromText(xmlEncoding, node, budget);
}

/**
 * The XML of an item, indented, with a line break at its end.
 * @throws RangeError if a Text String holds characters that XML 1.0 has no way to write, such as NUL
 */
export function xmlFromItem(item: Item): string {
  return elementText(item, undefined, '');
}

function elementText(item: Item, attributeName: string | undefined, indent: string): string {
  const name = tagName(item.tag);
  const start = name.startsWith('0x') ? `TTLV tag="${name}"` : name;
  if (item.type === ItemType.Structure) {
    if (item.value.length === 0) return `${indent}<${start}/>\n`;
    const inner = attributeNameOf(item.value);
    const children = item.value.map((child) => elementText(child, inner, `${indent}  `)).join('');
    return `${indent}<${start}>\n${children}${indent}</${start.split(' ')[0]}>\n`;
  }
  const value = escapeText(scalarText(item, meaningOf(item.tag, attributeName)));
  return `${indent}<${start} type="${typeName(item.type)}" value="${value}"/>\n`;
}

type Printers = { readonly [Type in ScalarType]: (value: ItemValues[Type], meaning: number) => string };

const printers: Printers = {
  [ItemType.Integer]: (value, meaning) => maskText(value, meaning, ' ') ?? String(value),
  [ItemType.LongInteger]: String,
  [ItemType.BigInteger]: (value) => value.toString('hex'),
  [ItemType.Enumeration]: enumerationText,
  [ItemType.Boolean]: String,
  [ItemType.TextString]: (value) => value,
  [ItemType.ByteString]: (value) => value.toString('hex'),
  [ItemType.DateTime]: secondsText,
  [ItemType.Interval]: String,
  [ItemType.DateTimeExtended]: microsecondsText,
};

function scalarText<Type extends ScalarType>(item: ItemOf<Type>, meaning: number): string {
  return printers[item.type](item.value, meaning);
}

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 excludes (2.2)
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text)) throw new RangeError('XML cannot hold this text');
  return text.replace(/[&<>"\t\n\r]/g, (character) => references[character] ?? `&#${character.charCodeAt(0)};`);
}
