import { fork } from 'node:child_process';
import type { Load, Measured } from './load.ts';
import { cpu } from './processes.ts';
import type { Server } from './servers.ts';

export interface Rate {
  /** Requests a second. */
  rate: number;
  /** Microseconds of CPU of the serving processes a request. */
  cost: number;
}

const warmUp = 1_500;
const duration = 4_000;

/** Loads the server with one request over so many connections, one request in flight on each. */
export async function measure(server: Server, request: Buffer, connections: number): Promise<Rate> {
  const child = fork(new URL('load.ts', import.meta.url));
  const { port, certs } = server;
  const load: Load = { port, certs, request: request.toString('hex'), connections, warmUp, duration };
  child.send(load);
  let before = 0;
  return new Promise((resolve, reject) => {
    child.on('message', (message: 'begin' | Measured) => {
      if (message === 'begin') {
        before = cpu(server.workers);
        return;
      }
      const { requests, seconds } = message;
      resolve({ rate: requests / seconds, cost: (cpu(server.workers) - before) / requests });
    });
    child.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)));
  });
}
