import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server, and does to their connections what networks do. */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #silent = false;
  /** Milliseconds by which everything is late. */
  delay = 0;
  port = 0;

  private constructor(target: number) {
    this.#server = createServer((client) => this.#join(client, target));
  }

  /** `target` is the server's port on the loopback interface, `host` where the proxy listens. */
  static async start(target: number, host = '127.0.0.1'): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, host);
    await once(proxy.#server, 'listening');
    const address = proxy.#server.address();
    if (address === null || typeof address === 'string') throw new Error('there is no port');
    proxy.port = address.port;
    return proxy;
  }

  /** Cuts all connections, in the middle of whatever they carry. New ones can be made. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Lets nothing through from now on, and cuts nothing: as if a cable were pulled. New connections are as silent. */
  silence(): void {
    this.#silent = true;
  }

  /** Lets everything through again. What was sent meanwhile is lost, and so are its connections. */
  heal(): void {
    this.#silent = false;
    this.cut();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, target: number): void {
    const server = connect(target, '127.0.0.1');
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    this.#forward(client, server);
    this.#forward(server, client);
  }

  #forward(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (this.#silent) return;
      if (this.delay === 0) to.write(chunk);
      else setTimeout(() => to.write(chunk), this.delay);
    });
    from.on('error', () => {});
    from.on('close', () => {
      to.destroy();
      for (const pair of this.#pairs) if (pair.includes(from)) this.#pairs.delete(pair);
    });
  }
}
