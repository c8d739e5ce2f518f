import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAuthority, type Issued, issue } from '../../certs/authority.ts';
import { Client } from '../support/client.ts';
import { KmipByHttps } from '../support/http.ts';
import { freePort } from '../support/server.ts';
import type { Transport } from './cases.ts';

/** A server under test. */
export interface Target {
  /** Connects as the user of that name. */
  connect(user: string, transport: Transport): Promise<Client | KmipByHttps>;
  stop(): Promise<void>;
}

/** Starts this project's server as a user does, by its commands, with an empty data folder and on free ports. */
export async function startTarget(): Promise<Target> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kleis-'));
  const authority = await createAuthority('Conformance', { keys: 'ec' });
  const certificate = await issue(authority, { cn: 'localhost', dns: ['localhost'], ip: ['127.0.0.1'], keys: 'ec' });
  writeFileSync(path.join(folder, 'ca.pem'), authority.certificate);
  writeFileSync(path.join(folder, 'server.pem'), certificate.certificate);
  writeFileSync(path.join(folder, 'server.key'), certificate.key, { mode: 0o600 });
  const [port, httpPort] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    KMS_ROOT_DIR: path.join(folder, 'data'),
    KMS_CERTS_DIR: folder,
    KMS_KMIP_PORT: `${port}`,
    KMS_PORT: `${httpPort}`,
  };
  await succeeded(kleis('init', env));
  const server = kleis('serve', env);
  await ready(server);
  const identities = new Map<string, Promise<Issued>>();
  return {
    async connect(user, transport) {
      const issued = identities.get(user) ?? issue(authority, { cn: user, keys: 'ec' });
      identities.set(user, issued);
      const identity = await issued;
      const ca = authority.certificate;
      return transport === 'TLS'
        ? Client.connect({ port, ca, identity })
        : new KmipByHttps({ port: httpPort, ca }, identity);
    },
    async stop() {
      server.kill('SIGTERM');
      await succeeded(server);
      rmSync(folder, { recursive: true });
    },
  };
}

function kleis(command: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, ['src/main.ts', command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function succeeded(child: ChildProcess): Promise<void> {
  const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number | null]) : [child.exitCode];
  if (code !== 0) throw new Error(`the server's process ended with ${code}`);
}

/** The server prints one line when it can be connected to. */
async function ready(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit').then(() => Promise.reject(new Error('the server did not start')));
  if (server.stdout !== null) await Promise.race([once(server.stdout, 'data'), ended]);
  ended.catch(() => {});
}
