import { tagName } from '../../ttlv/errors.ts';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { attributeNameOf, meaningOf } from '../../ttlv/names.ts';
import { structure } from './alter.ts';
import type { TestCase } from './cases.ts';
import type { Alter } from './oracle.ts';

/** Runs a case against a server that answers as published, but for what is altered. */
export type RunAltered = (testCase: TestCase, alter: Alter) => Promise<void>;

/** What comes in the place of an item: none, one or several. */
type Replace = (item: Item, place: string) => readonly Item[];

/**
 * Tries a change on every item of every answer of the cases.
 * @returns where a server may answer so, each as `ParentTag > Tag`
 */
export async function tolerations(
  cases: readonly TestCase[],
  run: RunAltered,
  change: (item: Item) => readonly Item[],
): Promise<readonly string[]> {
  const tolerated = new Set<string>();
  for (const testCase of cases) {
    for (const step of testCase.exchanges.keys()) {
      const part = { ...testCase, exchanges: testCase.exchanges.slice(0, step + 1) };
      const runWith = (replace: Replace): Promise<void> =>
        run(part, (answer, at) => (at === step ? rewrite(answer, replace) : answer));
      const places: string[] = [];
      await runWith((item, place) => {
        places.push(place);
        return [item];
      });
      for (const [index, place] of places.entries()) {
        if (await passes(runWith(replaceNth(index, change)))) tolerated.add(place);
      }
    }
  }
  return [...tolerated].toSorted();
}

function passes(run: Promise<void>): Promise<boolean> {
  return run.then(
    () => true,
    () => false,
  );
}

function replaceNth(index: number, change: (item: Item) => readonly Item[]): Replace {
  let count = -1;
  return (item) => {
    count += 1;
    return count === index ? change(item) : [item];
  };
}

/** The structure with others in the place of the items in it; outer ones are asked for before inner ones. */
function rewrite(item: Item, replace: Replace): Item {
  if (item.type !== ItemType.Structure) return item;
  const name = attributeNameOf(item.value);
  const value = item.value.flatMap((child) => {
    const replaced = replace(child, `${tagName(item.tag)} > ${tagName(meaningOf(child.tag, name))}`);
    return replaced[0] === child && replaced.length === 1 ? [rewrite(child, replace)] : replaced;
  });
  return structure(item.tag, ...value);
}

/** A scalar of the same type and, for bytes, the same length; a structure as it is. */
export function withOtherValue(item: Item): Item {
  switch (item.type) {
    case ItemType.Boolean:
      return { ...item, value: !item.value };
    case ItemType.TextString:
      return { ...item, value: `${item.value}x` };
    case ItemType.ByteString:
    case ItemType.BigInteger:
      return { ...item, value: item.value.map((byte) => byte ^ 1) as Buffer };
    case ItemType.Enumeration:
      return { ...item, value: item.value === 1 ? 2 : 1 };
    case ItemType.Integer:
    case ItemType.Interval:
    case ItemType.DateTime:
      return { ...item, value: item.value + 1 };
    default:
      return item;
  }
}
