import { Budget } from '../../ttlv/budget.ts';
import { dump } from '../../ttlv/dump.ts';
import { decodeItem } from '../../ttlv/reader.ts';
import { encodeItem } from '../../ttlv/writer.ts';
import { itemFromXml } from '../../ttlv/xml.ts';
import type { TestCase } from './cases.ts';
import { compareAnswers, type Scene } from './compare.ts';

/** Sends a message to the server under test and gives its answer. */
export type Send = (request: Buffer) => Promise<Buffer>;

/**
 * Runs a case to its end, or to the first answer that differs from the published one.
 * @throws Error that tells the step and all differences; TtlvError if an answer is no TTLV; why the case is unreadable
 */
export async function runCase({ exchanges, unreadable }: TestCase, scene: Scene, send: Send): Promise<void> {
  if (unreadable !== undefined) throw unreadable;
  for (const [step, exchange] of exchanges.entries()) {
    const request = itemFromXml(scene.placeholders.request(exchange.request));
    const answer = decodeItem(await send(encodeItem(request)), new Budget());
    const published = itemFromXml(scene.placeholders.answer(exchange.answer));
    // Before the comparison, as a batch may get the key that it has created.
    scene.history.note(request, answer);
    const differences = compareAnswers(published, answer, request, scene);
    if (differences.length > 0)
      throw new Error(`step ${step}:\n  ${differences.join('\n  ')}\n${dump(answer, { redact: false })}`);
    scene.placeholders.note(answer);
  }
}
