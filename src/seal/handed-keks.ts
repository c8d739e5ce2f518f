import { KmipError } from '../errors.ts';
import { Frame, type Handover, kekIn, numberBody, type Received } from './handover.ts';
import type { KekSource } from './keyring.ts';
import type { Kek } from './keys.ts';

/** The worker's side of a request for keys. Answers are matched to requests by `answer`. */
export class HandedKeks implements KekSource {
  readonly #handover: Handover;
  readonly #waiting = new Map<number, PromiseWithResolvers<Kek | undefined>>();
  #requests = 0;

  constructor(handover: Handover) {
    this.#handover = handover;
  }

  generation(number: number): Promise<Kek | undefined> {
    return this.#ask(Frame.WantGeneration, number);
  }

  async primary(spent = 0): Promise<Kek> {
    const kek = await this.#ask(Frame.WantPrimary, spent);
    if (kek === undefined) throw new KmipError('internal', 'the keyring has no primary generation');
    return kek;
  }

  /** Takes the answer to a request. */
  answer({ kind, request, body }: Received): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (kind === Frame.Kek) waiting?.resolve(kekIn(body));
    else if (kind === Frame.NoSuchGeneration) waiting?.resolve(undefined);
    else waiting?.reject(new KmipError('internal', 'the keyring does not open', { cause: new Error(body.toString()) }));
  }

  #ask(kind: Frame, number: number): Promise<Kek | undefined> {
    this.#requests += 1;
    const waiting = Promise.withResolvers<Kek | undefined>();
    this.#waiting.set(this.#requests, waiting);
    this.#handover.send(kind, this.#requests, numberBody(number));
    return waiting.promise;
  }
}
