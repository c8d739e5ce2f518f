// The two servers of the benchmark as child processes, in a temporary folder.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from './client.ts';
import { children } from './processes.ts';

export interface Server extends Target {
  /** The process that was started. */
  pid: number;
  /** The processes that take requests. */
  workers: readonly number[];
  stop(): Promise<void>;
}

const script = (name: string) => new URL(name, import.meta.url).pathname;

/** A folder with certificates and, for each Kleis, its data; gone when `remove` is called. */
export function makeFolder(): { certs: string; path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'kleis-bench-'));
  const certs = join(path, 'certs');
  execFileSync(process.execPath, [script('../certs/make.ts')], { env: { ...process.env, KMS_CERTS_DIR: certs } });
  return { certs, path, remove: () => rmSync(path, { recursive: true }) };
}

/** The bare TLS server, answering every request with these bytes. */
export async function startBare(certs: string, response: Buffer): Promise<Server> {
  const port = await freePort();
  const child = await ready(
    process.execPath,
    [script('bare.ts'), certs, String(port), response.toString('hex')],
    process.env,
  );
  const pid = child.pid ?? 0;
  return { port, certs, pid, workers: [pid], stop: () => stopped(child) };
}

/** Kleis with one worker and a new, empty data folder. */
export async function startKleis(folder: { certs: string; path: string }): Promise<Server> {
  const port = await freePort();
  const environment = {
    ...process.env,
    KMS_ROOT_DIR: mkdtempSync(join(folder.path, 'data-')).concat('/var'),
    KMS_CERTS_DIR: folder.certs,
    KMS_HOSTNAME: '127.0.0.1',
    KMS_KMIP_PORT: String(port),
    KMS_PORT: String(await freePort()),
    KMS_WORKERS: '1',
    KMS_LOG_LEVEL: 'error',
  };
  execFileSync(script('../bin/kleis'), ['init'], { env: environment, stdio: 'pipe' });
  const child = await ready(script('../bin/kleis'), ['serve'], environment);
  const pid = child.pid ?? 0;
  return { port, certs: folder.certs, pid, workers: children(pid), stop: () => stopped(child) };
}

/** Starts the command and waits for the first line on its standard output. */
async function ready(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', (code) => reject(new Error(`${command} ${args.join(' ')} ended with ${code}`)));
  });
  child.stdout.resume();
  return child;
}

async function stopped(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGTERM');
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
