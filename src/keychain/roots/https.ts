import type { Buffer } from 'node:buffer';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request as begin } from 'node:https';
import { KeyChainError } from '../error.ts';
import { KmipKey, type KmipKeyOptions, TIMEOUT } from './kmip-key.ts';
import { answerFrom } from './kmip-messages.ts';

/** A key on a KMIP server, and where that takes KMIP messages by HTTPS. */
export interface HttpsOptions extends KmipKeyOptions {
  /** `https://kms.example:9998/kmip` */
  readonly url: string;
}

/**
 * A key on a KMIP server that is reached by HTTPS, through firewalls and proxies that let nothing else pass: each KMIP message
 * is the body of a POST (KMIP Additional Message Encodings Profile 1.0, section 2). Connections are kept for a while. A chain
 * that it sealed is opened by `KmipRoot`, too, and the other way round.
 */
export class HttpsRoot extends KmipKey {
  /** Throws KeyChainError `invalid-option`. */
  constructor(options: HttpsOptions) {
    const url = urlOf(options.url);
    const { ca, certificate: cert, privateKey: key } = options;
    // An idle connection keeps no process alive.
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: true, ca, cert, key });
    super(options, (message) => exchange(url, agent, message));
  }
}

const MEDIA_TYPE = 'application/octet-stream';
const mediaType = /^application\/octet-stream *(?:;|$)/i;

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url;
  throw new KeyChainError('invalid-option', 'the URL must begin with https://, and hold no user name and no password');
}

/** Sends one request message, and gives the response message. */
async function exchange(url: URL, agent: Agent, message: Buffer): Promise<Buffer> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const headers = { 'content-type': MEDIA_TYPE, 'content-length': message.length, 'cache-control': 'no-cache' };
  try {
    const answer = await post(() => begin(url, { agent, method: 'POST', headers, signal }), message);
    return await messageOf(answer);
  } catch (error) {
    throw signal.aborted ? new Error('it takes too long', { cause: error }) : error;
  }
}

/** A kept connection may end just when it is used again: then the request is sent once more, on another one. */
async function post(start: () => ClientRequest, message: Buffer): Promise<IncomingMessage> {
  for (;;) {
    const sent = start();
    try {
      return await answered(sent, message);
    } catch (error) {
      if (!sent.reusedSocket || !isLost(error)) throw error;
    }
  }
}

function answered(sent: ClientRequest, message: Buffer): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.once('response', resolve).on('error', reject).end(message);
  return promise;
}

function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

async function messageOf(answer: IncomingMessage): Promise<Buffer> {
  const { statusCode, headers } = answer;
  try {
    if (statusCode !== 200) throw new Error(`it has the HTTP status ${statusCode}`);
    if (!mediaType.test(headers['content-type'] ?? '')) throw new Error('its answer is no KMIP message');
    return await answerFrom(answer.iterator({ destroyOnReturn: false }));
  } finally {
    // To its end, as only then the connection can be used again.
    answer.resume();
  }
}
