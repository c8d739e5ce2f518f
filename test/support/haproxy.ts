import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './server.ts';

const folders = ['/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter)];

/** The program; undefined where it is not installed. */
export const haproxy = folders.map((folder) => join(folder, 'haproxy')).find((file) => existsSync(file));

/** HAProxy in TCP mode: a connection goes to the next node that takes connections. */
export class LoadBalancer {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
    this.#process = spawn(haproxy ?? '', ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
    process.once('exit', () => this.#process.kill('SIGKILL'));
  }

  static async start(ports: readonly number[]): Promise<LoadBalancer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'kleis-haproxy-'));
    writeFileSync(join(folder, 'haproxy.cfg'), configuration(port, ports));
    const one = new LoadBalancer(port, folder);
    while (!(await listens(port))) await sleep(20);
    return one;
  }

  stop(): void {
    this.#process.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function configuration(port: number, nodes: readonly number[]): string {
  return `
defaults
  mode tcp
  timeout connect 2s
  timeout check 2s
  timeout client 1m
  timeout server 1m
  option redispatch 1
  retries 2

listen kmip
  bind 127.0.0.1:${port}
  balance roundrobin
${nodes.map((node, i) => `  server node${i} 127.0.0.1:${node} check inter 200ms fall 3 rise 1\n`).join('')}`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
