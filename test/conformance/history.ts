import { type Item, ItemType } from '../../ttlv/item.ts';
import { Operation, ResultStatus } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { childrenOf, find, numberOf, textOf, walk } from './walk.ts';

/** Operations that bring a managed object into being, and whether the server makes its material. */
const makers: ReadonlyMap<number | undefined, boolean> = new Map([
  [Operation.Create, true],
  [Operation.CreateKeyPair, true],
  [Operation.ReKey, true],
  [Operation.ReKeyKeyPair, true],
  [Operation.Register, false],
  [Operation.Import, false],
]);

const identifiers: ReadonlySet<number> = new Set([
  Tag.UniqueIdentifier,
  Tag.PrivateKeyUniqueIdentifier,
  Tag.PublicKeyUniqueIdentifier,
]);

/** How an object came into being. */
export interface Origin {
  /** The server made its material. */
  readonly generated: boolean;
  /** The Request Payload it was made by. */
  readonly payload: Item;
}

/** What the successful requests of a family of cases told the server. */
export class History {
  readonly #origins = new Map<string, Origin>();
  readonly #dates = new Map<number, Set<number>>();
  #groups = false;

  /** How the object of that identifier came into being, if the family made it. */
  originOf(id: string | undefined): Origin | undefined {
    return id === undefined ? undefined : this.#origins.get(id);
  }

  /** Whether a request gave this moment for the date attribute of that tag. */
  gaveDate(attribute: number, seconds: number): boolean {
    return this.#dates.get(attribute)?.has(seconds) ?? false;
  }

  /** Whether a request named an Object Group. */
  get gaveGroups(): boolean {
    return this.#groups;
  }

  /** Takes in a request and its answer, batch item by batch item. */
  note(request: Item, answer: Item): void {
    const requests = batchItems(request);
    for (const [index, item] of batchItems(answer).entries()) {
      const payload = find(childrenOf(requests[index]), Tag.RequestPayload);
      const succeeded = numberOf(find(childrenOf(item), Tag.ResultStatus)) === ResultStatus.Success;
      if (payload !== undefined && succeeded) this.#noteSuccess(payload, item);
    }
  }

  #noteSuccess(payload: Item, answer: Item): void {
    for (const { item, meaning } of walk(payload)) {
      if (item.type === ItemType.DateTime) this.#datesOf(meaning).add(item.value);
      if (meaning === Tag.ObjectGroup) this.#groups = true;
    }
    const generated = makers.get(numberOf(find(childrenOf(answer), Tag.Operation)));
    if (generated === undefined) return;
    for (const item of childrenOf(find(childrenOf(answer), Tag.ResponsePayload))) {
      const id = identifiers.has(item.tag) ? textOf(item) : undefined;
      if (id !== undefined) this.#origins.set(id, { generated, payload });
    }
  }

  #datesOf(attribute: number): Set<number> {
    const known = this.#dates.get(attribute) ?? new Set();
    this.#dates.set(attribute, known);
    return known;
  }
}

/** The Batch Items of a message. */
export function batchItems(message: Item): readonly Item[] {
  return childrenOf(message).filter((item) => item.tag === Tag.BatchItem);
}
