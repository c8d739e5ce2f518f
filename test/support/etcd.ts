import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { EtcdStore } from '../../src/keychain/stores/etcd.ts';
import { certificates } from './listener.ts';
import { freePort } from './server.ts';

/** An etcd of one member, on free ports and a folder of its own. */
export class TestEtcd {
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'kleis-etcd-'));
  readonly #peer: string;
  readonly #tls: boolean;
  #process: ChildProcess | undefined;

  private constructor(ports: readonly [number, number], tls: boolean) {
    this.url = `${tls ? 'https' : 'http'}://127.0.0.1:${ports[0]}`;
    this.#peer = `http://127.0.0.1:${ports[1]}`;
    this.#tls = tls;
  }

  /** Whether this machine has etcd. */
  static get isThere(): boolean {
    return spawnSync('etcd', ['--version']).status === 0;
  }

  /** With `tls`, clients have to show a certificate of the tests' authority. */
  static async start({ tls = false } = {}): Promise<TestEtcd> {
    const one = new TestEtcd([await freePort(), await freePort()], tls);
    if (tls) await one.#writeCertificates();
    await one.serve();
    return one;
  }

  /** Starts it again, after `end`, with what it has stored. */
  async serve(): Promise<void> {
    const clients = ['--listen-client-urls', this.url, '--advertise-client-urls', this.url];
    const peers = ['--listen-peer-urls', this.#peer, '--initial-advertise-peer-urls', this.#peer];
    const cluster = ['--initial-cluster', `default=${this.#peer}`, '--data-dir', this.#folder];
    const file = (name: string) => join(this.#folder, name);
    const keys = ['--cert-file', file('server.pem'), '--key-file', file('server.key')];
    const tls = this.#tls ? [...keys, '--trusted-ca-file', file('ca.pem'), '--client-cert-auth'] : [];
    this.#process = spawn('etcd', [...clients, ...peers, ...cluster, ...tls], { stdio: 'ignore' });
    running.add(this.#process);
    const { ca, alice } = await certificates();
    const identity = { ca: ca.certificate, certificate: alice.certificate, privateKey: alice.key };
    const store = new EtcdStore({ endpoints: [this.url], key: 'ready', ...identity });
    for (let tries = 0; this.#process.exitCode === null; tries += 1) {
      const answered = await store.load().then(
        () => true,
        () => false,
      );
      if (answered) return;
      if (tries === 100) throw new Error('etcd does not answer');
      await setTimeout(100);
    }
    throw new Error(`etcd ended with ${this.#process.exitCode}`);
  }

  /** Ends it. What it has stored remains. */
  async end(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    running.delete(child);
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.#folder, { recursive: true });
  }

  async #writeCertificates(): Promise<void> {
    const { ca, server } = await certificates();
    writeFileSync(join(this.#folder, 'ca.pem'), ca.certificate);
    writeFileSync(join(this.#folder, 'server.pem'), server.certificate);
    writeFileSync(join(this.#folder, 'server.key'), server.key);
  }
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
