import { randomBytes, randomUUID } from 'node:crypto';
import type { Item } from '../../ttlv/item.ts';
import { encodeItem } from '../../ttlv/writer.ts';
import { itemFromXml } from '../../ttlv/xml.ts';
import type { TestCase } from './cases.ts';
import { replaceValues } from './placeholders.ts';
import type { Send } from './run.ts';

/** Changes the answer of a step, to see whether the runner notices. */
export type Alter = (answer: Item, step: number) => Item;

/**
 * A server that only knows one case: it answers its requests as published, with identifiers, keys and time stamps of its
 * own, whatever they hold. `now` is the second that $NOW stands for.
 */
export function oracle({ exchanges }: TestCase, now: number, alter: Alter = (answer) => answer): Send {
  const values = new Map<string, string>();
  let step = -1;
  return async () => {
    step += 1;
    const answer = exchanges[step]?.answer;
    if (answer === undefined) throw new Error('the case has no more answers');
    const ownAnswer = replaceValues(
      answer,
      (placeholder, { attrs }) => {
        const value =
          values.get(placeholder) ?? (attrs.type === 'ByteString' ? randomBytes(16).toString('hex') : randomUUID());
        values.set(placeholder, value);
        return value;
      },
      now,
    );
    return encodeItem(alter(itemFromXml(ownAnswer), step));
  };
}
