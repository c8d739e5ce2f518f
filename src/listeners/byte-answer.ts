import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ByteStream } from '../operations/admin/operation.ts';

/** The trailer field after the last byte: in JSON, what the bytes are of. Without it, they are not complete. */
const SUMMARY = 'kleis-summary';

/**
 * Sends bytes no faster than the client takes them; a client that goes away ends their making. What fails before there is a first
 * one is thrown; later failures are told to `failed`, and the client finds the connection broken.
 */
export async function sendBytes(
  { bytes }: ByteStream,
  reply: FastifyReply,
  failed: (error: unknown) => void,
): Promise<FastifyReply> {
  const begun = await bytes.next();
  let pending: Promise<IteratorResult<Buffer, unknown>> | undefined = Promise.resolve(begun);
  let summary: unknown;
  const next = async (): Promise<IteratorResult<Buffer, unknown>> => {
    try {
      const step = await (pending ?? bytes.next());
      pending = undefined;
      if (step.done) summary = step.value;
      return step;
    } catch (error) {
      failed(error);
      throw error;
    }
  };
  const end = (): Promise<IteratorResult<Buffer, unknown>> => bytes.return(undefined);
  const readable = Readable.from({ [Symbol.asyncIterator]: () => ({ next, return: end }) }, { objectMode: false });
  void reply.type('application/octet-stream').trailer(SUMMARY, async () => JSON.stringify(summary));
  return reply.send(readable);
}
