import { dump } from '../../ttlv/dump.ts';
import { tagName } from '../../ttlv/errors.ts';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { attributeNameOf, meaningOf } from '../../ttlv/names.ts';
import { Operation } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { groupByAttribute, labelOf, namedAttributes, nameOf } from './attribute-lists.ts';
import { batchItems, type History } from './history.ts';
import { undefinedIn } from './in-version.ts';
import { type Placeholders, placeholderOf } from './placeholders.ts';
import { freeQueryItems, isOptional, mayDiffer, mustBeAsLong, type Place } from './variations.ts';
import { childrenOf, find, fingerprint, numberOf, textOf } from './walk.ts';

/** What the comparison of an answer depends on beside the answer. */
export interface Scene {
  readonly version: Version;
  readonly placeholders: Placeholders;
  readonly history: History;
  /** The operations and object types that the server has in this version (16, 17: a Query need not list others). */
  readonly operations: ReadonlySet<number>;
  readonly objectTypes: ReadonlySet<number>;
}

/**
 * Compares an answer with the published one, under the permitted variations, and binds the placeholders that the
 * published one is the first to show.
 * @returns the differences, each with the path of its tags; none if the answer is as published
 */
export function compareAnswers(published: Item, answer: Item, request: Item, scene: Scene): readonly string[] {
  const comparison = new Comparison(scene);
  comparison.messages(published, answer, request);
  return [...comparison.differences, ...undefinedIn(scene.version, answer)];
}

/** The batch item under comparison. */
type Subject = Pick<Place, 'operation' | 'request' | 'published' | 'origin'>;

const noSubject: Subject = { operation: undefined, request: undefined, published: undefined, origin: undefined };

class Comparison {
  readonly differences: string[] = [];
  readonly #scene: Scene;
  /** The structures around the items under comparison: what to call them, and their meanings. */
  readonly #labels: string[] = [];
  readonly #around: number[] = [];
  #subject = noSubject;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  messages(published: Item, answer: Item, request: Item): void {
    if (published.tag !== answer.tag) this.#differ(answer, `is not a ${tagName(published.tag)}`);
    const isHeader = (item: Item): boolean => item.tag !== Tag.BatchItem;
    this.#sequence(childrenOf(published).filter(isHeader), childrenOf(answer).filter(isHeader));
    const actual = batchItems(answer);
    const requests = batchItems(request);
    for (const [index, expected] of batchItems(published).entries()) {
      const item = actual[index];
      if (item === undefined) this.#differ(expected, `${index} is missing`);
      else this.#within(`BatchItem ${index}`, Tag.BatchItem, () => this.#batchItem(expected, item, requests[index]));
    }
    for (const extra of actual.slice(batchItems(published).length)) this.#differ(extra, 'is one too many');
  }

  #batchItem(expected: Item, actual: Item, requestItem: Item | undefined): void {
    const payload = find(childrenOf(actual), Tag.ResponsePayload);
    this.#subject = {
      operation: numberOf(find(childrenOf(expected), Tag.Operation)),
      request: find(childrenOf(requestItem), Tag.RequestPayload),
      published: find(childrenOf(expected), Tag.ResponsePayload),
      origin: this.#scene.history.originOf(textOf(find(childrenOf(payload), Tag.UniqueIdentifier))),
    };
    this.#sequence(childrenOf(expected), childrenOf(actual));
    this.#subject = noSubject;
  }

  /** The items of two structures, in their order, but for those that a server may have or lack. */
  #sequence(expectedItems: readonly Item[], actualItems: readonly Item[]): void {
    const isRequired = (item: Item): boolean => !isOptional(item, this.#scene.version);
    this.#set(
      [],
      actualItems.filter((item) => !isRequired(item)),
      () => false,
    );
    const name = attributeNameOf(expectedItems);
    let rest = actualItems.filter(isRequired);
    for (const expected of expectedItems.filter(isRequired)) {
      const index = rest.findIndex(({ tag }) => tag === expected.tag);
      const actual = rest[index];
      if (actual === undefined) {
        this.#differ(expected, 'is missing');
      } else {
        for (const extra of rest.slice(0, index)) this.#differ(extra, 'is out of place');
        this.#item(expected, actual, name);
        rest = rest.slice(index + 1);
      }
    }
    for (const extra of rest) this.#differ(extra, 'is not expected');
  }

  #item(expected: Item, actual: Item, attributeName: string | undefined): void {
    const placeholder = placeholderOf(expected);
    if (expected.type !== actual.type) {
      this.#differ(actual, 'has another type');
    } else if (placeholder !== undefined) {
      const problem = this.#scene.placeholders.bind(placeholder, actual);
      if (problem !== undefined) this.#differ(actual, problem);
    } else {
      this.#value(expected, actual, meaningOf(expected.tag, attributeName));
    }
  }

  #value(expected: Item, actual: Item, meaning: number): void {
    const place = { ...this.#subject, meaning, around: this.#around, expected, actual, history: this.#scene.history };
    if (mayDiffer(place)) {
      if (mustBeAsLong(place) && sizeOf(expected) !== sizeOf(actual)) this.#differ(actual, 'has another length');
    } else if (expected.type === ItemType.Structure) {
      this.#within(labelOf(expected), meaning, () =>
        this.#structure(expected.tag, childrenOf(expected), childrenOf(actual)),
      );
    } else if (fingerprint(expected) !== fingerprint(actual)) {
      this.#differ({ ...actual, tag: meaning }, `is not ${show({ ...expected, tag: meaning })}`);
    }
  }

  #structure(tag: number, expected: readonly Item[], actual: readonly Item[]): void {
    const operation = tag === Tag.ResponsePayload ? this.#subject.operation : undefined;
    if (tag === Tag.Attributes) this.#attributes(expected, actual);
    else if (operation === Operation.GetAttributes) this.#getAttributes(expected, actual);
    else if (operation === Operation.GetAttributeList) this.#attributeNames(expected, actual);
    else if (operation === Operation.Query) this.#query(expected, actual);
    else if (operation === Operation.DiscoverVersions) this.#versions(expected, actual);
    else this.#sequence(expected, actual);
  }

  /** In 1.x the payload itself holds the attributes. */
  #getAttributes(expected: readonly Item[], actual: readonly Item[]): void {
    const isAttribute = ({ tag }: Item): boolean => tag === Tag.Attribute;
    this.#sequence(
      expected.filter((item) => !isAttribute(item)),
      actual.filter((item) => !isAttribute(item)),
    );
    this.#attributes(expected.filter(isAttribute), actual.filter(isAttribute));
  }

  /**
   * Attributes come in any order, instances of one in theirs. There may be more than published (19, 21) where the
   * request did not name those it wants: cases that name one and do not show it mean that the object has none.
   */
  #attributes(expectedItems: readonly Item[], actualItems: readonly Item[]): void {
    const expected = groupByAttribute(expectedItems);
    const actual = groupByAttribute(actualItems);
    for (const [name, instances] of expected) this.#instances(name, instances, actual.get(name) ?? []);
    const isNamed = namedAttributes(this.#subject.request).length > 0;
    for (const [name, [extra]] of actual) {
      if (isNamed && extra !== undefined && !expected.has(name) && !/^y[-:]/.test(name)) {
        this.#differ(extra, 'is not expected');
      }
    }
  }

  #instances(name: string, expected: readonly Item[], actual: readonly Item[]): void {
    // How many digests there are is the server's choice (13).
    const count = name === 'Digest' ? 1 : Math.max(expected.length, actual.length);
    for (let index = 0; index < count; index += 1) {
      const [published, given] = [expected[index], actual[index]];
      if (published === undefined) this.#differ(given, 'is not expected');
      else if (given !== undefined) this.#item(published, given, undefined);
      else if (!this.#isForeignGroup(name)) this.#differ(published, 'is missing');
    }
  }

  /** A group that the server put the object into by itself (20). */
  #isForeignGroup(attribute: string): boolean {
    return /^Object ?Group$/.test(attribute) && !this.#scene.history.gaveGroups;
  }

  /** The names of the attributes in any order; there may be more (19). */
  #attributeNames(expected: readonly Item[], actual: readonly Item[]): void {
    const isName = (item: Item): boolean => nameOf(item) !== undefined;
    this.#sequence(
      expected.filter((item) => !isName(item)),
      actual.filter((item) => !isName(item)),
    );
    this.#set(expected.filter(isName), actual.filter(isName), (item) => !this.#isForeignGroup(nameOf(item) ?? ''));
  }

  /** Operations and object types in any order; there may be more, and fewer where the server does not have them. */
  #query(expected: readonly Item[], actual: readonly Item[]): void {
    const isListed = ({ tag }: Item): boolean => tag === Tag.Operation || tag === Tag.ObjectType;
    const isCompared = (item: Item): boolean => !isListed(item) && !freeQueryItems.has(item.tag);
    this.#sequence(expected.filter(isCompared), actual.filter(isCompared));
    const { operations, objectTypes } = this.#scene;
    this.#set(expected.filter(isListed), actual.filter(isListed), (item) =>
      (item.tag === Tag.Operation ? operations : objectTypes).has(numberOf(item) ?? 0),
    );
  }

  /** Items without an order, each once, of which those that are required must be there. */
  #set(expected: readonly Item[], actual: readonly Item[], isRequired: (item: Item) => boolean): void {
    const found = actual.map(fingerprint);
    for (const item of expected) {
      if (isRequired(item) && !found.includes(fingerprint(item))) this.#differ(item, 'is missing');
    }
    for (const [index, item] of actual.entries()) {
      if (found.indexOf(fingerprint(item)) !== index) this.#differ(item, 'is there twice');
    }
  }

  /** A server may know other versions too, unless it was asked for certain ones (26). */
  #versions(expected: readonly Item[], actual: readonly Item[]): void {
    const published = expected.map(fingerprint);
    const isPublished = (version: Item): boolean => published.includes(fingerprint(version));
    const isAsked = childrenOf(this.#subject.request).length > 0;
    this.#sequence(expected, isAsked ? actual : actual.filter(isPublished));
  }

  #within(label: string, meaning: number, compare: () => void): void {
    this.#labels.push(label);
    this.#around.push(meaning);
    compare();
    this.#labels.pop();
    this.#around.pop();
  }

  #differ(item: Item | undefined, how: string): void {
    if (item === undefined) return;
    this.differences.push(`${[...this.#labels, show(item)].join(' > ')} ${how}`);
  }
}

function sizeOf({ value }: Item): number | undefined {
  return Buffer.isBuffer(value) ? value.length : undefined;
}

/** The item in one line. */
function show(item: Item): string {
  return item.type === ItemType.Structure ? labelOf(item) : dump(item, { redact: false }).trim();
}
