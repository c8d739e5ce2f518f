import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
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
