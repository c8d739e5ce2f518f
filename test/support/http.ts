import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { Issued } from '../../certs/authority.ts';
import type { AuditEntry } from '../../src/audit/entry.ts';
import { settingsTable } from '../../src/config/settings.ts';
import type { Secret } from '../../src/crypto/secret.ts';
import { KmipError } from '../../src/errors.ts';
import { HttpListener, type HttpListenerOptions, type HttpSettings } from '../../src/listeners/http.ts';
import type { TlsMaterial } from '../../src/listeners/tls.ts';
import { AdminDispatcher } from '../../src/operations/admin/dispatch.ts';
import type { AdminTools } from '../../src/operations/admin/operation.ts';
import type { RootOperation, SealControl, SealStatus, Submission } from '../../src/seal/control.ts';
import type { Records } from '../../src/seal/records.ts';
import { type Certificates, certificates, contentOf, memoryLog, responseOf } from './listener.ts';
import { TestNode } from './node.ts';
import { textOf } from './secrets.ts';

/** An HTTPS request. */
export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The address to ask from. */
  readonly from?: string;
  /** The client certificate to show. */
  readonly identity?: Issued;
  /** Whose connections to use; one for this request alone where it is not given. */
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: Record<string, unknown>;
}

/** Asks a server on the loopback address. */
export async function ask({ port, ca }: { port: number; ca: string }, question: Ask): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body, from, identity, agent = false } = question;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const own = identity && { cert: identity.certificate, key: identity.key };
  const options = { host: '127.0.0.1', port, ca, ...own, method, path, headers, agent, localAddress: from };
  const asking = request(options, (answer) => void received(answer).then(resolve, reject));
  asking.on('error', reject);
  asking.end(body);
  return promise;
}

async function received(answer: IncomingMessage): Promise<Answer> {
  const bytes = Buffer.concat(await answer.toArray());
  const text = bytes.toString();
  const json = /json/.test(answer.headers['content-type'] ?? '') && text !== '' ? JSON.parse(text) : {};
  return { status: answer.statusCode, headers: answer.headers, bytes, text, json };
}

/** A client of KMIP that sends its messages by HTTPS. */
export class KmipByHttps {
  readonly #server: { readonly port: number; readonly ca: string };
  readonly #identity: Issued | undefined;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(server: { readonly port: number; readonly ca: string }, identity?: Issued) {
    this.#server = server;
    this.#identity = identity;
  }

  /** What came of a body. */
  post(body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const all = { 'content-type': 'application/octet-stream', 'cache-control': 'no-cache', ...headers };
    const identity = this.#identity && { identity: this.#identity };
    return ask(this.#server, { method: 'POST', path: '/kmip', headers: all, body, agent: this.#agent, ...identity });
  }

  /** Sends a request message and gives the response message. Rejects where the status says that there is none. */
  async exchange(request: Buffer): Promise<Buffer> {
    const { status, headers, bytes, text } = await this.post(request);
    if (status === 200 && headers['content-type'] === 'application/octet-stream') return bytes;
    throw new Error(`the server answered with the status ${status}: ${text}`);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }
}

const TOKEN = 'the-administrator-token';

/** A seal that needs two shares, and takes every one that begins with `share`. */
class ScriptedControl implements SealControl {
  readonly calls: unknown[] = [];
  state: SealStatus['state'] = 'sealed';
  cnt = 0;
  /** What the next call of `seal` or `begin` fails with. */
  failure: unknown;

  async status(): Promise<SealStatus> {
    const { state, cnt } = this;
    return {
      state,
      seal: 'shamir',
      cnt,
      required: 2,
      reason: state === 'sealed' ? `${cnt} of 2 shares` : undefined,
      operation: undefined,
    };
  }

  async submit(shares: readonly Secret[], nonce?: string): Promise<Submission> {
    if (this.state === 'unsealed' && nonce === undefined)
      throw new KmipError('wrong-state', 'the node is unsealed already');
    const texts = shares.map(textOf);
    this.calls.push(nonce === undefined ? ['submit', ...texts] : ['submit', ...texts, { nonce }]);
    const refused = texts.flatMap((text, position) =>
      text.startsWith('share') ? [] : [{ position, refusal: 'malformed' as const, message: 'it is no share' }],
    );
    this.cnt += shares.length - refused.length;
    if (this.cnt >= 2) [this.state, this.cnt] = ['unsealed', 0];
    return { refused, status: await this.status(), completed: undefined };
  }

  async seal(options: { readonly all: boolean }): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.calls.push(['seal', options]);
  }

  async begin(operation: RootOperation): ReturnType<SealControl['begin']> {
    this.calls.push(['begin', operation]);
    return { operation: { kind: operation.kind, nonce: 'n1', cnt: 0, required: 2 }, completed: undefined };
  }

  async replaceAdminToken(shares: readonly Secret[], nonce?: string): Promise<Submission> {
    const { refused, status } = await this.submit(shares, nonce ?? 'n1');
    const adminToken = 'the-next-token';
    const completed = this.state === 'unsealed' ? { kind: 'admin-token' as const, shares: [], adminToken } : undefined;
    return { refused, status, completed };
  }

  async cancel(nonce: string): Promise<void> {
    this.calls.push(['cancel', nonce]);
  }

  async brokenKeys(): Promise<readonly []> {
    return [];
  }

  async verifyAdminToken(token: Secret): Promise<boolean> {
    return textOf(token) === TOKEN;
  }
}

interface Made {
  readonly certificates: Certificates;
  readonly records: Records;
}

/**
 * An HTTPS listener on a free port, before a scripted seal, and a KMIP handler that sends back what came, unless another one is
 * given. Its clock for attempts stands still.
 */
export class TestHttp {
  readonly control = new ScriptedControl();
  /** Objects of a node in memory. */
  readonly records: Records;
  /** The bytes of the next backup. */
  backup: AdminTools['backup'] = async function* () {};
  readonly audited: AuditEntry[] = [];
  /** `result reason` of each report for the audit file. */
  readonly reports: string[] = [];
  readonly log = memoryLog();
  readonly listener: HttpListener;
  readonly certificates: Certificates;
  now = 0;
  port = 0;

  private constructor(made: Made, settings: Partial<HttpSettings>, options: Partial<HttpListenerOptions>) {
    this.certificates = made.certificates;
    this.records = made.records;
    const audit = {
      append: (entry: AuditEntry) => void this.audited.push(entry),
      accepted: async () => {},
      close: () => {},
    };
    this.listener = new HttpListener({
      settings: { ...defaults, ...settings },
      tls: this.material(),
      reusePort: false,
      dispatcher: new AdminDispatcher({
        tools: {
          control: this.control,
          records: this.records,
          backup: () => this.backup(),
          verification: () => this.backup(),
        },
        audit,
        now: () => this.now,
      }),
      handle: async (request) => responseOf(contentOf(request)),
      report: async (_, result, reason) => this.reports.push(`${result} ${reason}`) > 0,
      log: this.log,
      ...options,
    });
  }

  static async start(
    settings: Partial<HttpSettings> = {},
    options: Partial<HttpListenerOptions> = {},
  ): Promise<TestHttp> {
    const { records } = await TestNode.open();
    const one = new TestHttp({ certificates: await certificates(), records }, settings, options);
    one.port = (await one.listener.listen()).port;
    return one;
  }

  material(): TlsMaterial {
    const { ca, server } = this.certificates;
    const { certificate, key: privateKey } = server;
    return { ca: ca.certificate, certificate, privateKey, ticketKeys: randomBytes(48) };
  }

  get ca(): string {
    return this.certificates.ca.certificate;
  }

  ask(question: Ask): Promise<Answer> {
    return ask(this, question);
  }

  /** Asks with the administrator token. */
  administrate(question: Ask): Promise<Answer> {
    return this.ask({ method: 'POST', ...question, headers: { ...question.headers, authorization: `KMS ${TOKEN}` } });
  }

  close(): Promise<void> {
    return this.listener.close();
  }
}

const defaults: HttpSettings = {
  hostname: '127.0.0.1',
  httpPort: 0,
  tlsMinVersion: 'TLSv1.2',
  tlsCiphers: String(settingsTable.tlsCiphers.default),
  tlsLegacyCiphers: false,
  handshakeTimeout: 10,
  messageTimeout: 10,
  authentication: true,
  maxMessageBytes: 1_048_576,
};
