// `make bench`: how fast one worker is, as ratios against a bare TLS server that answers the same sizes in the same run.
import { Client } from './client.ts';
import { measure, measureBeside, type Rate } from './measure.ts';
import { type Call, create, encrypt, get, identifiers, locate, request } from './messages.ts';
import { memory } from './processes.ts';
import { makeFolder, type Server, startBare, startKleis } from './servers.ts';

/** Figures of one line of the report, and whether they are as good as they are meant to be. */
interface Line {
  what: string;
  figures: string;
  goal: string;
  met: boolean;
}

const connections = 16;
const few = 1_000;
const many = 100_000;

const folder = makeFolder();
try {
  await report();
} finally {
  folder.remove();
}

async function report(): Promise<void> {
  const kleis = await startKleis(folder);
  try {
    idle(kleis).forEach(print);
    const client = await Client.connect(kleis);
    const [id = ''] = identifiers(await client.exchange(request([create()])));
    print(await beside(kleis, client, { what: 'Get, AES-256', call: get(id), least: 0.5 }));
    print(await beside(kleis, client, { what: 'Encrypt, AES-256-GCM, 64 bytes', call: encrypt(id), least: 0.4 }));
    print(await durable(kleis));
    client.close();
  } finally {
    await kleis.stop();
  }
  print(await lookUp());
}

function print({ what, figures, goal, met }: Line): void {
  console.log(`${met ? 'ok    ' : 'MISSED'} ${what.padEnd(32)} ${figures.padEnd(72)} ${goal}`);
}

/** Memory of the processes that have nothing to do yet. */
function idle(kleis: Server): Line[] {
  const processes = [['primary', kleis.pid] as const, ...kleis.workers.map((pid) => ['worker', pid] as const)];
  return processes.map(([name, pid]) => {
    const size = memory(pid);
    return { what: `memory, idle ${name}`, figures: `${size.toFixed(0)} MiB`, goal: 'below 120 MiB', met: size < 120 };
  });
}

/** One request, in turn against the bare server with an answer of the same bytes, and against Kleis. */
async function beside(
  kleis: Server,
  client: Client,
  { what, call, least }: { what: string; call: Call; least: number },
): Promise<Line> {
  const message = request([call]);
  const response = await client.exchange(message);
  identifiers(response);
  const bare = await startBare(folder.certs, response);
  const { limit, server: rate } = await measureBeside(bare, kleis, message, connections);
  await bare.stop();
  const ratio = rate.rate / limit.rate;
  const figures = `${ratio.toFixed(2)} of bare: ${show(rate)}; bare: ${show(limit)}`;
  return { what, figures, goal: `at least ${least.toFixed(2)}`, met: ratio >= least };
}

function show({ rate, cost }: Rate): string {
  return `${rate.toFixed(0)}/s, ${cost.toFixed(1)} us`;
}

/** Creates, each durable before its answer. */
async function durable(kleis: Server): Promise<Line> {
  const rate = await measure(kleis, request([create()]), connections);
  return { what: 'Create, durable', figures: show(rate), goal: 'at most 150 us of CPU', met: rate.cost <= 150 };
}

/** Locate by Name among a thousand objects, and among a hundred thousand. */
async function lookUp(): Promise<Line> {
  const kleis = await startKleis(folder);
  try {
    const message = request([locate('key-500')]);
    await fill(kleis, 0, few);
    const small = await measure(kleis, message, 1);
    await fill(kleis, few, many);
    const large = await measure(kleis, message, 1);
    const ratio = small.rate / large.rate;
    const times = `${(1e6 / small.rate).toFixed(0)} us among ${few}, ${(1e6 / large.rate).toFixed(0)} us among ${many}`;
    return {
      what: 'Locate by Name',
      figures: `${ratio.toFixed(2)}: ${times}`,
      goal: 'at most 1.50',
      met: ratio <= 1.5,
    };
  } finally {
    await kleis.stop();
  }
}

/** Creates the keys named key-`from` to before key-`to`, in batches over several connections. */
async function fill(kleis: Server, from: number, to: number): Promise<void> {
  const batch = 250;
  let next = from;
  const lane = async () => {
    const client = await Client.connect(kleis);
    while (next < to) {
      const first = next;
      next = Math.min(next + batch, to);
      const calls = Array.from({ length: next - first }, (_, at) => create(`key-${first + at}`));
      identifiers(await client.exchange(request(calls)));
    }
    client.close();
  };
  await Promise.all(Array.from({ length: 4 }, lane));
}
