// The load generator, a process of its own. Its parent sends it a Load; it answers 'begin' when the warm-up is over,
// and then a Measured.
import { Client, type Target } from './client.ts';
import { identifiers } from './messages.ts';

export interface Load extends Target {
  /** The request in hex; every connection sends it over and over. */
  request: string;
  connections: number;
  /** Milliseconds before and while requests are counted. */
  warmUp: number;
  duration: number;
}

export interface Measured {
  requests: number;
  seconds: number;
}

process.once('message', (load: Load) => {
  run(load).then(
    (measured) => {
      process.send?.(measured);
      process.disconnect?.();
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run(load: Load): Promise<Measured> {
  const request = Buffer.from(load.request, 'hex');
  const clients = await Promise.all(Array.from({ length: load.connections }, () => Client.connect(load)));
  let requests = 0;
  let running = true;
  let expected = 0;
  const next = (response: Buffer) => {
    requests += 1;
    // Every answer has the length of the first; another one must at least be a success.
    if (response.length !== expected) {
      identifiers(response);
      expected = response.length;
    }
    return running;
  };
  const lanes = Promise.all(clients.map((client) => client.repeat(request, next)));
  const phases = (async (): Promise<Measured> => {
    await sleep(load.warmUp);
    process.send?.('begin');
    const before = requests;
    const start = performance.now();
    await sleep(load.duration);
    const measured = { requests: requests - before, seconds: (performance.now() - start) / 1000 };
    running = false;
    await lanes;
    return measured;
  })();
  const [measured] = await Promise.all([phases, lanes]);
  for (const client of clients) client.close();
  return measured;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
