import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { onMessage } from './stream.ts';

/** Where a server listens on 127.0.0.1, and the folder with the client's certificate (certs/README.md). */
export interface Target {
  port: number;
  certs: string;
}

/** A connection with one request in flight at a time. */
export class Client {
  readonly #socket: TLSSocket;
  #take: ((response: Buffer) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    onMessage(socket, (response) => this.#take?.(response));
    socket.on('error', (error) => this.#fail?.(error));
    socket.on('close', () => this.#fail?.(new Error('the server closed the connection')));
  }

  static async connect({ port, certs }: Target): Promise<Client> {
    const read = (name: string) => readFileSync(join(certs, name));
    const options = { ca: read('ca.pem'), cert: read('client.pem'), key: read('client.key') };
    const socket = connect({ host: '127.0.0.1', port, ...options });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return new Client(socket);
  }

  exchange(request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#take = resolve;
      this.#fail = reject;
      this.#socket.write(request);
    });
  }

  /** Sends the request again and again, each as soon as the one before is answered, for as long as `next` says so. */
  async repeat(request: Buffer, next: (response: Buffer) => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#fail = reject;
      this.#take = (response) => {
        if (next(response)) this.#socket.write(request);
        else resolve();
      };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }
}
