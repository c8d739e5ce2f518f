import { type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Peer } from '../access/authenticate.ts';
import { Secret } from '../crypto/secret.ts';
import type { Log } from '../log.ts';
import type { AdminDispatcher } from '../operations/admin/dispatch.ts';
import { ByteStream } from '../operations/admin/operation.ts';
import { PeerRate } from '../operations/admin/peer-rate.ts';
import { type Body, discard, jsonOf, sharesOf } from './bodies.ts';
import type { ByteAnswers } from './byte-answers.ts';
import { seconds } from './clock.ts';
import { PROBLEM, problemOf } from './problem.ts';
import { addKmip, type KmipEndpoint } from './routes/kmip.ts';
import type { Route } from './routes/route.ts';
import { routes } from './routes/table.ts';

export interface ApplicationParts {
  /** Makes the server whose requests the handler takes. */
  readonly server: (handler: RequestListener) => Server;
  readonly dispatcher: Pick<AdminDispatcher, 'run'>;
  readonly kmip: KmipEndpoint;
  readonly streams: ByteAnswers;
  readonly log: Log;
  /** The other end of a connection. */
  readonly peerOf: (socket: Socket) => Peer;
  /** Whether anybody can open such a connection. */
  readonly open: (socket: Socket) => boolean;
  /** Whether the connection has a complete request at work. */
  readonly working: (socket: Socket, whether: boolean) => void;
  /** Whether the connection of an answer is to end with it. */
  readonly ending: (socket: Socket) => boolean;
}

/**
 * Who asks more often than a hundred times a second, and has no certificate, is answered late, as those with one wait for the
 * same process.
 */
const PACE = { burst: 200, interval: 0.01 };
const LATE_MS = 1_000;
/** The longest request there is gives 255 public keys. */
const BODY_BYTES = 262_144;
/** What failures of a status code have besides; `retry-after` is in seconds. */
const moreHeaders: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { 'www-authenticate': 'KMS' },
  429: { 'retry-after': '60' },
};

/**
 * Payloads are checked by their operations, and routes have no schemas for fastify. Told so, it does not load the two libraries
 * that compile them, with 14 MiB of memory.
 */
const noSchemas = (): never => {
  throw new Error('routes have no schemas');
};
const schemaController = { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } };

/** HTTP requests in, answers out: everything that all routes have in common. */
export function application(parts: ApplicationParts): FastifyInstance<Server> {
  const app = fastify({
    serverFactory: parts.server,
    logger: false,
    bodyLimit: BODY_BYTES,
    schemaController,
    genReqId: () => crypto.randomUUID(),
    requestIdHeader: false,
    clientErrorHandler: (error, socket) => refuse(error.code, socket),
    frameworkErrors: (error, request, reply) => void fail(parts, error, request, reply),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => jsonOf(body));
  // Without a word on it, `curl --data` sends a form; so whatever it says it is, what is no JSON are lines.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => sharesOf(body));
  const pace = new PeerRate(PACE, seconds);
  app.addHook('onRequest', async ({ raw }) => {
    if (parts.open(raw.socket) && !pace.take(parts.peerOf(raw.socket).address)) await delay(LATE_MS);
  });
  app.addHook('preHandler', async (request) => parts.working(request.raw.socket, true));
  app.addHook('onResponse', async (request) => parts.working(request.raw.socket, false));
  app.addHook('onSend', async ({ raw }, reply) => {
    // The one is what KMIP's HTTPS profile wants, the other is what keeps keys out of caches.
    void reply.header('cache-control', 'no-cache, no-store');
    if (parts.ending(raw.socket)) void reply.header('connection', 'close');
  });
  app.setErrorHandler((error, request, reply) => fail(parts, error, request, reply));
  app.setNotFoundHandler((request, reply) => fail(parts, notFound, request, reply));
  for (const route of routes) addRoute(app, parts, route);
  addKmip(app, parts.kmip, parts);
  app.get('/openapi.json', async () => {
    const { description } = await import('./routes/openapi.ts');
    return description();
  });
  return app;
}

/** To bytes that are no request, or not in time: what the HTTP parser's codes are among the status codes. */
const refusals: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

function refuse(code: string, socket: Socket): void {
  const status = refusals[code] ?? 400;
  if (socket.writable) socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
  socket.destroySoon();
}

const notFound = Object.assign(new Error('no such route'), { statusCode: 404 });

function addRoute(app: FastifyInstance<Server>, parts: ApplicationParts, route: Route): void {
  const { dispatcher, peerOf } = parts;
  const { methods, path, operation, status, exception } = route;
  app.route({
    method: [...methods],
    url: path,
    handler: async (request, reply) => {
      const body = request.body as Body | undefined;
      try {
        const response = await dispatcher.run(operation, payloadOf(route, request), callerOf(request, peerOf));
        if (response instanceof ByteStream) {
          return await parts.streams.send(response, reply, (error) => logFailure(parts, error, request));
        }
        return reply.code(exception?.when(response) ? exception.status : status).send(response);
      } finally {
        discard(body);
      }
    },
  });
}

function payloadOf({ query: names = [] }: Route, { body, params, query }: FastifyRequest): Body {
  const given = { ...(query as Record<string, unknown>) };
  const known = names.filter((name) => name in given).map((name) => [name, queryValue(given[name])]);
  return { ...(body as Body | undefined), ...Object.fromEntries(known), ...(params as Body) };
}

function queryValue(text: unknown): unknown {
  return text === 'true' ? true : text === 'false' ? false : text;
}

function callerOf(
  { raw, headers, id }: FastifyRequest,
  peerOf: ApplicationParts['peerOf'],
): Parameters<AdminDispatcher['run']>[2] {
  // What is no token of ours is one that is wrong.
  const given = headers.authorization?.replace(/^KMS +/i, '');
  const token = given === undefined ? undefined : new Secret(Buffer.from(given));
  return { address: peerOf(raw.socket).address, token, correlation: id };
}

function fail(parts: ApplicationParts, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id);
  if (problem.status >= 500) logFailure(parts, error, request);
  const headers = moreHeaders[problem.status] ?? {};
  return reply.code(problem.status).headers(headers).type(PROBLEM).send(JSON.stringify(problem));
}

function logFailure({ log, peerOf }: ApplicationParts, err: unknown, { id: correlation, raw }: FastifyRequest): void {
  log.error({ err, correlation, peer: peerOf(raw.socket).address }, 'an HTTP request failed');
}
