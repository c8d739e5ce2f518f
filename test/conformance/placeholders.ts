import { type Item, ItemType } from '../../ttlv/item.ts';
import { tagInfo } from '../../ttlv/tables/tags.ts';
import type { XmlNode } from '../../ttlv/xml.ts';
import { descendants } from './cases.ts';
import { walk } from './walk.ts';

const form = /^\$[A-Z][A-Z0-9_]*$/;
const time = /^\$NOW([+-]\d+)?$/;

/**
 * What the placeholders of one case stand for. Requests need all of theirs; an answer binds those it is the first to
 * show.
 */
export class Placeholders {
  /** The seconds since 1970 that $NOW stands for. */
  readonly #now: number;
  /** By placeholder, the value as XML writes it. */
  readonly #values = new Map<string, string>();
  /** By name of the element, the last value that an answer had there. */
  readonly #latest = new Map<string, string>();
  /** The last request began an operation in several parts. */
  #begins = false;

  constructor(now: number) {
    this.#now = now;
  }

  /**
   * The request with values for its placeholders. One that no answer showed (some cases print the first value instead)
   * stands for the last value that the server gave in such an element.
   */
  request(message: XmlNode): XmlNode {
    this.#begins = [...descendants(message)].some(({ name }) => name === 'InitIndicator');
    return replaceValues(
      message,
      (value, { name }) => {
        const known = this.#values.get(value) ?? this.#latest.get(name);
        if (known === undefined) throw new Error(`nothing is known of ${value}`);
        this.#values.set(value, known);
        return known;
      },
      this.#now,
    );
  }

  /**
   * The published answer with values for the placeholders that are bound; the others stay, see `placeholderOf`. An
   * operation that begins has a Correlation Value of its own, though cases call it as they called those before.
   */
  answer(message: XmlNode): XmlNode {
    return replaceValues(
      message,
      (value, { name, attrs }) => {
        if (this.#begins && name === 'CorrelationValue') this.#values.delete(value);
        const known = this.#values.get(value);
        return known ?? (attrs.type === 'ByteString' ? Buffer.from(value).toString('hex') : value);
      },
      this.#now,
    );
  }

  /**
   * Lets a placeholder stand for the value of `item` from now on.
   * @returns what is wrong with that value, if anything: it is empty, not the one bound before, or the
   *   identifier of another object
   */
  bind(placeholder: string, item: Item): string | undefined {
    const value = plainText(item);
    if (value === '') return 'is empty';
    // Published answers may show a placeholder in several places.
    const bound = this.#values.get(placeholder);
    if (bound !== undefined) return bound === value ? undefined : `is not ${bound}`;
    const family = familyOf(placeholder);
    const other = [...this.#values].find(([name, known]) => familyOf(name) === family && known === value);
    if (other !== undefined && family.endsWith('IDENTIFIER')) return `is the value of ${other[0]} as well`;
    this.#values.set(placeholder, value);
    return undefined;
  }

  /** Remembers the values of an answer for placeholders that no answer shows. */
  note(answer: Item): void {
    for (const { item } of walk(answer)) {
      const name = tagInfo.get(item.tag)?.name;
      if (name !== undefined && (item.type === ItemType.ByteString || item.type === ItemType.TextString)) {
        this.#latest.set(name, plainText(item));
      }
    }
  }
}

/** The placeholder that stands in the place of an item's value. */
export function placeholderOf(item: Item): string | undefined {
  if (item.type !== ItemType.TextString && item.type !== ItemType.ByteString) return undefined;
  const text = item.type === ItemType.TextString ? item.value : item.value.toString('latin1');
  return form.test(text) ? text : undefined;
}

/** `$UNIQUE_IDENTIFIER` of `$UNIQUE_IDENTIFIER_0`. */
function familyOf(placeholder: string): string {
  return placeholder.replace(/_\d+$/, '');
}

function plainText(item: Item): string {
  if (item.type === ItemType.ByteString) return item.value.toString('hex');
  return item.type === ItemType.TextString ? item.value : '';
}

/** The message with `known` values for placeholders, and with moments for those of $NOW, which stands for `now`. */
export function replaceValues(node: XmlNode, known: (value: string, node: XmlNode) => string, now: number): XmlNode {
  const { value } = node.attrs;
  if (value === undefined || !value.startsWith('$')) {
    return { ...node, children: node.children.map((child) => replaceValues(child, known, now)) };
  }
  const moment = node.attrs.type === 'DateTime' ? time.exec(value) : null;
  const replaced = moment === null ? known(value, node) : dateText(now + Number(moment[1] ?? 0));
  return { ...node, attrs: { ...node.attrs, value: replaced } };
}

function dateText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
