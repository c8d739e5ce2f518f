import { type RequestListener, STATUS_CODES } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Log } from '../log.ts';
import type { AdminDispatcher } from '../operations/admin/dispatch.ts';
import { PeerRate } from '../operations/admin/peer-rate.ts';
import { addressOf } from './acceptor.ts';
import { type Body, discard, jsonOf, sharesOf } from './bodies.ts';
import { seconds } from './clock.ts';
import { PROBLEM, problemOf } from './problem.ts';
import type { Route } from './routes/route.ts';
import { routes } from './routes/table.ts';

export interface ApplicationParts {
  /** Makes the server whose requests the handler takes. */
  readonly server: (handler: RequestListener) => Server;
  readonly dispatcher: Pick<AdminDispatcher, 'run'>;
  readonly log: Log;
  /** Whether the connection has a complete request at work. */
  readonly working: (socket: Socket, whether: boolean) => void;
  /** Whether the connection of an answer is to end with it. */
  readonly ending: () => boolean;
}

/** Who asks more often than a hundred times a second is answered late, as KMIP clients wait for the same process. */
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
    https: null,
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
    if (!pace.take(addressOf(raw.socket) ?? 'gone')) await delay(LATE_MS);
  });
  app.addHook('preHandler', async (request) => parts.working(request.raw.socket, true));
  app.addHook('onResponse', async (request) => parts.working(request.raw.socket, false));
  app.addHook('onSend', async (_, reply) => {
    void reply.header('cache-control', 'no-store');
    if (parts.ending()) void reply.header('connection', 'close');
  });
  app.setErrorHandler((error, request, reply) => fail(parts, error, request, reply));
  app.setNotFoundHandler((request, reply) => fail(parts, notFound, request, reply));
  for (const route of routes) addRoute(app, parts, route);
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

function addRoute(app: FastifyInstance<Server>, { dispatcher }: ApplicationParts, route: Route): void {
  const { methods, path, operation, status, exception } = route;
  app.route({
    method: [...methods],
    url: path,
    handler: async (request, reply) => {
      const body = request.body as Body | undefined;
      try {
        const response = await dispatcher.run(operation, payloadOf(route, request), callerOf(request));
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

function callerOf({ raw, headers, id }: FastifyRequest): Parameters<AdminDispatcher['run']>[2] {
  // What is no token of ours is one that is wrong.
  const token = headers.authorization?.replace(/^KMS +/i, '');
  return { address: addressOf(raw.socket) ?? 'gone', token, correlation: id };
}

function fail({ log }: ApplicationParts, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request.id);
  if (problem.status >= 500) {
    log.error({ err: error, correlation: request.id, peer: addressOf(request.raw.socket) }, 'an HTTP request failed');
  }
  const headers = moreHeaders[problem.status] ?? {};
  return reply.code(problem.status).headers(headers).type(PROBLEM).send(JSON.stringify(problem));
}
