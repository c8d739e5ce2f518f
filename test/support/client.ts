import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Issued } from '../../certs/authority.ts';
import { Framer } from '../../ttlv/framer.ts';
import { Tag } from '../../ttlv/tables/tags.ts';

/** Where a server listens, whom the client trusts, and who it is. */
export interface ClientOptions {
  readonly port: number;
  readonly host?: string;
  /** PEM of the authority of the server's certificate. */
  readonly ca: string;
  /** The certificate to show; none is shown where none is given. PEM; `certificate` may hold a chain. */
  readonly identity?: Issued | undefined;
  /** What else `tls.connect` shall know (versions, session, ...). */
  readonly tls?: ConnectionOptions;
}

const MAX_ANSWER = 64 * 1024 * 1024;

/** A KMIP client that sends bytes and receives whole answers, each once. */
export class Client {
  readonly socket: TLSSocket;
  readonly #framer = new Framer(Tag.ResponseMessage, MAX_ANSWER);
  #arrived: PromiseWithResolvers<void> | undefined;
  #over = false;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#framer.push(chunk);
      this.#arrived?.resolve();
    });
    // A reset counts as an end: what matters to a test is which answers came before.
    socket.on('error', () => {});
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#over = true;
        this.#arrived?.resolve();
      });
    }
  }

  /** Connects, and rejects where the handshake fails. (In TLS 1.3 a refused certificate shows only afterwards.) */
  static async connect(options: ClientOptions): Promise<Client> {
    const { port, host = '127.0.0.1', ca, identity, tls } = options;
    const own = identity === undefined ? {} : { cert: identity.certificate, key: identity.key };
    const socket = connect({ port, host, ca, ...own, ...tls });
    await once(socket, 'secureConnect');
    return new Client(socket);
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** The next answer; undefined when the server has closed the connection instead. */
  async answer(): Promise<Buffer | undefined> {
    for (;;) {
      const answer = this.#framer.next();
      if (answer !== undefined || this.#over) return answer;
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
  }

  /** Sends a request and waits for the answer. Rejects when the connection is closed instead. */
  async exchange(request: Buffer): Promise<Buffer> {
    this.send(request);
    const answer = await this.answer();
    if (answer === undefined) throw new Error('the server closed the connection without an answer');
    return answer;
  }

  /** Closes the connection, and waits until it is closed. */
  async close(): Promise<void> {
    if (this.socket.closed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroySoon();
    await closed;
  }
}
