import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import type { Settings } from '../config/settings.ts';
import { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';

/** What the node answered. */
export interface NodeAnswer {
  readonly status: number;
  /** Undefined where the answer is empty. */
  readonly body: unknown;
}

/** Addresses that one listens on, and where such a listener is reached. */
const reached: Readonly<Record<string, string>> = { '::': '::1', '0.0.0.0': '127.0.0.1' };

/** The trailer field in which a node says what the bytes of an answer are of. */
const SUMMARY = 'kleis-summary';

const PATIENCE_MS = 120_000;
/** How long a node that was told to seal itself may take to listen again, and how often it is tried. */
const ABSENCE_MS = 3_000;
const AGAIN_MS = 100;

/** Asks a node over HTTPS, where its settings say that it listens. */
export class NodeClient {
  readonly #settings: Settings;
  readonly #token: Secret | undefined;

  /** `token` is the administrator's. */
  constructor(settings: Settings, token?: Secret) {
    this.#settings = settings;
    this.#token = token;
  }

  /** Sends JSON, or a secret as text (wiped afterwards). Throws KmipError in words where there is no answer. */
  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, payload?: Secret | object): Promise<NodeAnswer> {
    const isText = payload instanceof Secret;
    using body = isText ? payload : new Secret(Buffer.from(payload === undefined ? '' : JSON.stringify(payload)));
    const type = isText ? 'text/plain' : 'application/json';
    try {
      const answer = await this.#reach(() => this.#send(method, path, { type, body }));
      const text = await textOf(answer);
      return { status: answer.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) };
    } catch (cause) {
      return unanswered(cause);
    }
  }

  /** As `ask`; throws what the node answers where that is not one of the `expected` status codes. */
  async demand(method: 'GET' | 'POST' | 'DELETE', path: string, payload?: Secret | object): Promise<unknown> {
    const { status, body } = await this.ask(method, path, payload);
    if (status < 300) return body;
    throw refusalOf(status, body);
  }

  /**
   * The bytes that a node answers, as they come; returns what it says of them in the end. Throws KmipError in words where it
   * refuses, and where not all of them come.
   */
  async *receive(path: string): AsyncGenerator<Buffer, unknown> {
    using body = new Secret(Buffer.alloc(0));
    const answer = await this.#reach(() => this.#send('POST', path, { type: 'text/plain', body })).catch(unanswered);
    const { statusCode = 0 } = answer;
    if (statusCode >= 300) throw refusalOf(statusCode, JSON.parse(await textOf(answer)));
    try {
      for await (const chunk of answer) yield chunk;
    } catch (cause) {
      unanswered(cause);
    }
    const { [SUMMARY]: summary } = answer.trailers;
    if (summary === undefined) throw new KmipError('store-unavailable', 'the node has broken off its answer');
    return JSON.parse(summary);
  }

  /** The same of bytes that are lines of JSON: the value of each. */
  async *receiveLines(path: string): AsyncGenerator<unknown, unknown> {
    const bytes = this.receive(path);
    const decoder = new TextDecoder();
    let rest = '';
    for (let step = await bytes.next(); ; step = await bytes.next()) {
      if (step.done) return step.value;
      const lines = (rest + decoder.decode(step.value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line);
    }
  }

  /** Nobody listens for a moment while sealed workers take the places of others. */
  async #reach<T>(send: () => Promise<T>): Promise<T> {
    for (const deadline = performance.now() + ABSENCE_MS; ; await sleep(AGAIN_MS)) {
      try {
        return await send();
      } catch (error) {
        const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
        if (!refused || performance.now() > deadline) throw error;
      }
    }
  }

  #send(method: string, path: string, { type, body }: { type: string; body: Secret }): Promise<IncomingMessage> {
    const { hostname, httpPort: port, caFile } = this.#settings;
    const host = reached[hostname] ?? hostname;
    const answer = Promise.withResolvers<IncomingMessage>();
    const headers = {
      ...(body.length > 0 && { 'content-type': type, 'content-length': body.length }),
      ...(this.#token && { authorization: `KMS ${this.#token.expose()}` }),
    };
    const ca = [...rootCertificates, readFileSync(caFile, 'utf8')];
    const asking = request({ method, host, port, path, headers, ca, timeout: PATIENCE_MS, agent: false });
    asking.on('response', answer.resolve).on('error', answer.reject);
    asking.on('timeout', () => asking.destroy(new Error('it took too long')));
    const sent = Buffer.from(body.expose());
    asking.end(sent, () => sent.fill(0));
    return answer.promise;
  }
}

function unanswered(cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new KmipError('store-unavailable', `the node does not answer: ${reason}`, { cause });
}

/** The error of an answer that is a problem (RFC 9457). */
export function refusalOf(status: number, body: unknown): KmipError {
  const { detail, title } = { ...(body as { detail?: string; title?: string } | undefined) };
  return new KmipError('not-permitted', `the node refuses: ${detail ?? title ?? `status ${status}`}`);
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return text;
}
