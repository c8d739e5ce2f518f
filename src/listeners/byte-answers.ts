import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { KmipError } from '../errors.ts';
import type { ByteStream } from '../operations/admin/operation.ts';

type Step = IteratorResult<Buffer, unknown>;

/** The trailer field after the last byte: in JSON, what the bytes are of. Without it, they are not complete. */
const SUMMARY = 'kleis-summary';

/** Answers of bytes that are made while they are sent. */
export class ByteAnswers {
  readonly #running = new Set<Readable>();
  #ended = false;

  /**
   * Sends bytes no faster than the client takes them; a client that goes away ends their making. What fails before there is a
   * first one is thrown; later failures are told to `failed`, and the client finds the connection broken.
   */
  async send(
    { mediaType, bytes }: ByteStream,
    reply: FastifyReply,
    failed: (error: unknown) => void,
  ): Promise<FastifyReply> {
    let begun: Step | undefined = await bytes.next();
    if (this.#ended) {
      await bytes.return(undefined);
      throw new KmipError('store-unavailable', 'the node ends');
    }
    let summary: unknown;
    const next = async (): Promise<Step> => {
      try {
        const step = begun ?? (await bytes.next());
        begun = undefined;
        if (step.done) summary = step.value;
        return step;
      } catch (error) {
        failed(error);
        throw error;
      }
    };
    const steps = { next, return: (): Promise<Step> => bytes.return(undefined) };
    const readable = Readable.from({ [Symbol.asyncIterator]: () => steps }, { objectMode: false });
    this.#running.add(readable);
    readable.once('close', () => this.#running.delete(readable));
    void reply.type(mediaType).trailer(SUMMARY, async () => JSON.stringify(summary));
    return reply.send(readable);
  }

  /** Breaks off what is being sent; resolves once nobody makes more of it. */
  async end(): Promise<void> {
    this.#ended = true;
    const closed = [...this.#running].map((readable) => once(readable, 'close'));
    for (const readable of this.#running) readable.destroy();
    await Promise.all(closed);
  }
}
