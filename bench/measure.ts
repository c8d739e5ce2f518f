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

const warmUp = 1_000;
const duration = 2_000;
const rounds = 5;
const worst: Rate = { rate: 0, cost: Number.POSITIVE_INFINITY };

/**
 * Loads the server with one request over so many connections, one request in flight on each. The best of some rounds
 * counts: what else the machine does meanwhile makes a round only worse.
 */
export async function measure(server: Server, request: Buffer, connections: number): Promise<Rate> {
  let best = worst;
  for (let round = 0; round < rounds; round += 1) best = better(best, await once(server, request, connections));
  return best;
}

/** Measures a server and its limit with the same request, round by round in turn, so that both meet the same machine. */
export async function measureBeside(
  limit: Server,
  server: Server,
  request: Buffer,
  connections: number,
): Promise<{ limit: Rate; server: Rate }> {
  let best = { limit: worst, server: worst };
  for (let round = 0; round < rounds; round += 1) {
    best = {
      limit: better(best.limit, await once(limit, request, connections)),
      server: better(best.server, await once(server, request, connections)),
    };
  }
  return best;
}

function better(one: Rate, other: Rate): Rate {
  return { rate: Math.max(one.rate, other.rate), cost: Math.min(one.cost, other.cost) };
}

function once(server: Server, request: Buffer, connections: number): Promise<Rate> {
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
