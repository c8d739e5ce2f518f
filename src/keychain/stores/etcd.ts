import { Buffer } from 'node:buffer';
import { request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';
import { KeyChainError } from '../error.ts';
import type { ChainStore, Stored } from '../store.ts';

/** Where etcd is, and which of its keys holds the chain. */
export interface EtcdOptions {
  /** URLs of the members, `https://host:2379`: the first that answers is asked. */
  readonly endpoints: readonly string[];
  /** The key of the chain. */
  readonly key: string;
  /** PEM of the authority of the members' certificates; the system's authorities by default. */
  readonly ca?: string;
  /** PEM of the client certificate and its private key. */
  readonly certificate?: string;
  readonly privateKey?: string;
}

/** Milliseconds that a member may be silent. */
const TIMEOUT = 5_000;
const MOST_ANSWER = 4 * 2 ** 20;

/** What is read of the answers to Range and Txn (etcd API v3; int64 is text, bytes are base64). */
interface Answer {
  readonly kvs?: readonly { readonly mod_revision: string; readonly value: string }[];
  readonly succeeded?: boolean;
}

/**
 * Keeps a chain under one key of etcd (3.4 or newer), through its JSON gateway. A change is a transaction that compares
 * the key's revision.
 */
export class EtcdStore implements ChainStore {
  readonly #options: EtcdOptions;
  readonly #key: string;

  constructor(options: EtcdOptions) {
    if (options.endpoints.length === 0) throw new KeyChainError('invalid-option', 'etcd needs an endpoint');
    this.#options = options;
    this.#key = Buffer.from(options.key).toString('base64');
  }

  async load(): Promise<Stored | undefined> {
    const { kvs: [found] = [] } = await this.#ask('range', { key: this.#key });
    return found && { bytes: Buffer.from(found.value, 'base64'), revision: found.mod_revision };
  }

  async save(bytes: Buffer, revision = '0'): Promise<boolean> {
    const key = this.#key;
    const { succeeded = false } = await this.#ask('txn', {
      compare: [{ key, target: 'MOD', result: 'EQUAL', mod_revision: revision }],
      success: [{ request_put: { key, value: bytes.toString('base64') } }],
    });
    return succeeded;
  }

  /**
   * A member that broke off may have carried out a change that the next one is asked for again; there its comparison
   * fails, which costs a block of encryptions and nothing else.
   */
  async #ask(method: string, body: object): Promise<Answer> {
    const failures: unknown[] = [];
    for (const endpoint of this.#options.endpoints) {
      try {
        return await post(new URL(`/v3/kv/${method}`, endpoint), JSON.stringify(body), this.#options);
      } catch (error) {
        failures.push(error);
      }
    }
    const why = failures.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
    throw new KeyChainError('store-unavailable', `etcd does not answer: ${why}`, { cause: failures[0] });
  }
}

async function post(url: URL, body: string, { ca, certificate, privateKey }: EtcdOptions): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const options = { method: 'POST', signal, headers: { 'content-type': 'application/json' } };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent =
      url.protocol === 'https:'
        ? https(url, { ...options, ca, cert: certificate, key: privateKey })
        : http(url, options);
    sent.once('response', resolve).once('error', reject).end(body);
  });
  const text = await textOf(response);
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  return JSON.parse(text);
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MOST_ANSWER) throw new Error('the answer is too long');
  }
  return text;
}
