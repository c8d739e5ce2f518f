import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { issue } from '../../certs/authority.ts';
import { certificates } from '../support/listener.ts';
import { createAes, outcomeOf } from '../support/requests.ts';
import { TestServer } from '../support/server.ts';

/** The worker processes of the server: children of a process that was started with its data folder. */
function workersOf(server: TestServer): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isWorkerOf(pid, server));
}

function isWorkerOf(pid: number, server: TestServer): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return command.includes('server.ts') && environment.includes(`KMS_ROOT_DIR=${server.folder}/`);
  } catch {
    return false;
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await holds()); ) {
    assert(Date.now() < deadline, 'it did not come to pass in time');
    await sleep(50);
  }
}

async function serves(server: TestServer): Promise<boolean> {
  try {
    const client = await server.connect();
    client.socket.destroy();
    return true;
  } catch {
    return false;
  }
}

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describeOnLinux('the primary', function () {
  this.timeout(40_000);

  for (const workers of [1, 2]) {
    describe(`with ${workers} worker(s)`, () => {
      let server: TestServer;

      beforeEach(async () => {
        server = await TestServer.start({ workers });
      });

      afterEach(() => server.stop());

      it('puts another worker in the place of one that died', async () => {
        const before = workersOf(server);
        assert.equal(before.length, workers);
        for (const pid of before) process.kill(pid, 'SIGKILL');
        await until(() => workersOf(server).filter((pid) => !before.includes(pid)).length === workers);
        await until(() => serves(server));
        assert.match(server.log, /"reason":"worker 1 ended: SIGKILL"/);
      });

      it('ends with exit code 0, its workers before it', async () => {
        assert.equal(await server.end(), 0);
        assert.deepEqual(workersOf(server), []);
      });

      it('takes its workers along when it is killed', async () => {
        server.signal('SIGKILL');
        await until(() => workersOf(server).length === 0);
        await server.serve();
        assert(await serves(server));
      });

      it('has its certificates read again on SIGHUP, and cuts no connection', async () => {
        const old = await server.connect();
        const before = old.socket.getPeerX509Certificate()?.fingerprint256;
        const { ca } = await certificates();
        const renewed = await issue(ca, { cn: 'localhost', dns: ['localhost'], ip: ['127.0.0.1'], keys: 'ec' });
        writeFileSync(join(server.folder, 'certs', 'server.key'), renewed.key);
        writeFileSync(join(server.folder, 'certs', 'server.pem'), renewed.certificate);
        server.signal('SIGHUP');
        await until(() => server.log.split('the certificates were read again').length > workers);
        for (let round = 0; round < 4; round += 1) {
          const client = await server.connect();
          assert.notEqual(client.socket.getPeerX509Certificate()?.fingerprint256, before);
          client.socket.destroy();
        }
        assert.equal((await outcomeOf(old, createAes())).result, 'Success');
        old.socket.destroy();
      });

      it('goes on with the old certificates where the new ones cannot be used, and says so', async () => {
        writeFileSync(join(server.folder, 'certs', 'server.pem'), 'no certificate');
        server.signal('SIGHUP');
        await until(() => server.log.split('the certificates cannot be read again').length > workers);
        assert(await serves(server));
      });

      it('lets every worker resume the sessions of the others', async () => {
        const first = await server.connect('alice', { tls: { maxVersion: 'TLSv1.2' } });
        const session = first.socket.getSession();
        assert(session);
        first.socket.destroy();
        for (let round = 0; round < 8; round += 1) {
          const client = await server.connect('alice', { tls: { maxVersion: 'TLSv1.2', session } });
          assert.equal(client.socket.isSessionReused(), true);
          client.socket.destroy();
        }
      });

      it('hands no key and no passphrase to a worker by its command line or environment', () => {
        const passphrase = readFileSync(`${server.folder}/var/passphrase`, 'utf8').trim();
        for (const pid of workersOf(server)) {
          const visible = readFileSync(`/proc/${pid}/environ`, 'utf8') + readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          assert.equal(visible.includes(passphrase), false);
        }
      });
    });
  }
});
