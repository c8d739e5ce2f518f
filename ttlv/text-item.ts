import type { Budget } from './budget.ts';
import { type TtlvCode, TtlvError } from './errors.ts';
import { type Item, ItemType } from './item.ts';
import { meaningOf, tagByName } from './names.ts';
import { parseScalar } from './text-values.ts';

/** How the XML and the JSON encoding show the nodes of their trees. */
export interface TextEncoding<Node> {
  /** The name or number of the tag. */
  tag(node: Node): string;
  type(node: Node): string;
  /** What was written as the value of a node that is no Structure; undefined if there is none. */
  value(node: Node): unknown;
  /** The nodes inside; undefined if the node cannot hold any. */
  children(node: Node): readonly Node[] | undefined;
}

/**
 * The item that a tree of nodes stands for, within the budget.
 * @throws TtlvError with the tag path; the offset is 0
 */
export function itemFromText<Node>(encoding: TextEncoding<Node>, root: Node, budget: Budget): Item {
  return new TextReader(encoding, budget).item(root, undefined);
}

const itemTypes: ReadonlyMap<string, ItemType> = new Map(Object.entries(ItemType));

class TextReader<Node> {
  readonly #encoding: TextEncoding<Node>;
  readonly #budget: Budget;
  readonly #path: number[] = [];

  constructor(encoding: TextEncoding<Node>, budget: Budget) {
    this.#encoding = encoding;
    this.#budget = budget;
  }

  /** `attributeName` is that of the Attribute around the node. */
  item(node: Node, attributeName: string | undefined): Item {
    const tag = tagByName(this.#encoding.tag(node)) ?? this.#fail('bad-tag');
    this.#path.push(tag);
    this.#budget.items -= 1;
    if (this.#budget.items < 0) this.#fail('too-many-items');
    const type = itemTypes.get(this.#encoding.type(node)) ?? this.#fail('bad-type');
    const value =
      type === ItemType.Structure ? this.#children(node) : this.#scalar(type, node, meaningOf(tag, attributeName));
    this.#path.pop();
    // The compiler cannot see that the value belongs to the type: both depend on the same test above.
    return { tag, type, value } as Item;
  }

  #scalar(type: Exclude<ItemType, typeof ItemType.Structure>, node: Node, meaning: number): Item['value'] {
    const value = this.#encoding.value(node) ?? this.#fail('bad-syntax');
    const code = type === ItemType.Enumeration ? 'unknown-enumeration' : 'invalid-value';
    return parseScalar(type, value, meaning) ?? this.#fail(code);
  }

  #children(node: Node): readonly Item[] {
    const children = this.#encoding.children(node) ?? this.#fail('bad-syntax');
    if (this.#path.length > this.#budget.depth) this.#fail('too-deep');
    const name = children.find((child) => this.#encoding.tag(child) === 'AttributeName');
    const attributeName = name === undefined ? undefined : String(this.#encoding.value(name));
    return children.map((child) => this.item(child, attributeName));
  }

  #fail(code: TtlvCode): never {
    throw new TtlvError(code, 0, [...this.#path]);
  }
}
