import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { TtlvError } from '../../../ttlv/errors.ts';
import { Framer } from '../../../ttlv/framer.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import type { Peer } from '../../access/authenticate.ts';
import { KmipError } from '../../errors.ts';
import { fromTtlvError } from '../../kmip/result.ts';
import type { Report } from '../handshakes.ts';

/**
 * KMIP messages over HTTPS (KMIP Additional Message Encodings Profile 1.0, section 2): a request message in TTLV is the body of
 * a POST, and the response message that of its answer. Who asks, the client certificate of the connection says, or a credential
 * in the message.
 */
export const kmipRoute = {
  method: 'POST',
  path: '/kmip',
  mediaType: 'application/octet-stream',
  summary: 'A KMIP request message in TTLV; the answer is the response message.',
} as const;

/** What the route needs of its listener. */
export interface KmipEndpoint {
  readonly maxMessageBytes: number;
  /** Answers one request message; undefined: there is to be no KMIP answer. */
  readonly handle: (message: Buffer, peer: Peer) => Promise<Buffer | undefined>;
  readonly report: Report;
}

/** What the route asks of a connection. */
interface Connections {
  readonly peerOf: (socket: Socket) => Peer;
  /** Whether anybody can open such a connection. */
  readonly open: (socket: Socket) => boolean;
}

/** A body is kept in memory before anybody looks at who sent it: of strangers, no long one. */
const MOST_OF_STRANGERS = 262_144;

/**
 * Adds the route, which alone takes its media type, and no other. Whatever has a KMIP answer has the status 200; what is no
 * message is a problem.
 */
export function addKmip(
  app: FastifyInstance,
  { maxMessageBytes, handle, report }: KmipEndpoint,
  { peerOf, open }: Connections,
): void {
  const { method, path, mediaType } = kmipRoute;
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(mediaType, { parseAs: 'buffer' }, async (_: unknown, body: Buffer) =>
      messageIn(body, maxMessageBytes),
    );
    scope.addHook('onRequest', async ({ raw }) => {
      if (open(raw.socket) && mayBeLong(raw.headers)) {
        throw Object.assign(new Error('without a certificate the body is too long'), { statusCode: 413 });
      }
    });
    scope.addHook('onError', async ({ raw }, _, error) => {
      const reason = faultOf(error);
      if (reason !== undefined) await report(peerOf(raw.socket), 'failed', reason);
    });
    scope.route({
      method,
      url: path,
      bodyLimit: maxMessageBytes,
      handler: async ({ raw, body }, reply) => {
        if (!Buffer.isBuffer(body)) throw fromTtlvError(new TtlvError('truncated', 0, []));
        const answer = await handle(body, peerOf(raw.socket));
        if (answer === undefined) throw new KmipError('internal', 'a KMIP request was not answered');
        return reply.type(mediaType).send(answer);
      },
    });
  });
}

/** Whether a body is long, or does not say how long it is. */
function mayBeLong({ 'content-length': length = '0', 'transfer-encoding': encoding }: IncomingHttpHeaders): boolean {
  return encoding !== undefined || Number(length) > MOST_OF_STRANGERS;
}

/** The message that a body is. Throws `invalid-message` where it is none, or more than one. */
function messageIn(body: Buffer, maxBytes: number): Buffer {
  const framer = new Framer(Tag.RequestMessage, maxBytes);
  framer.push(body);
  try {
    const message = framer.next();
    if (message === undefined) throw new TtlvError('truncated', 0, []);
    if (framer.pending > 0) throw new TtlvError('trailing-bytes', message.length, []);
    return message;
  } catch (error) {
    throw error instanceof TtlvError ? fromTtlvError(error) : error;
  }
}

/** For the audit file: what was wrong with a body that is no message. */
function faultOf(error: Error): string | undefined {
  if (error.cause instanceof TtlvError) return error.cause.code;
  return 'statusCode' in error && error.statusCode === 413 ? 'too-large' : undefined;
}
