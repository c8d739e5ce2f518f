import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Secret } from '../../src/crypto/secret.ts';
import { Generations } from '../../src/seal/generations.ts';
import { deriveKeys } from '../../src/seal/keys.ts';
import { PassphraseSeal, readPassphrase } from '../../src/seal/passphrase.ts';
import type { RootKeyProvider } from '../../src/seal/root-key.ts';
import { shamir } from '../../src/seal/shamir.ts';
import { sqlite } from '../../src/store/dialects/sqlite.ts';
import { openStore } from '../../src/store/knex/sql-store.ts';
import type { InstallationRow } from '../../src/store/store.ts';
import { Operation } from '../../ttlv/tables/enums.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { inMemory, processesOf } from '../support/processes.ts';
import { created, on, outcomeOf, structure, valueIn } from '../support/requests.ts';
import { TestServer } from '../support/server.ts';

const launcher = fileURLToPath(new URL('../../bin/kleis', import.meta.url));

/** What opens the installation, in the test as in the server. */
async function openerOf(server: TestServer, { id, seal, parameters }: InstallationRow): Promise<RootKeyProvider> {
  const path = join(server.folder, 'var', 'passphrase');
  if (seal === 'passphrase') return new PassphraseSeal(await readPassphrase(path), path);
  const set = shamir.collect({ id, parameters });
  for (const share of JSON.parse(server.initialised).shares) set.take(new Secret(Buffer.from(share)));
  return set.combine();
}

/** Everything that must be gone, computed from the database and what opens it as the server computes it. */
async function secretsOf(server: TestServer): Promise<Record<string, Buffer>> {
  const store = await openStore(sqlite(join(server.folder, 'var', 'kleis.db')));
  const installation = await store.installation();
  assert(installation);
  const rootKey = await (await openerOf(server, installation)).unwrap(installation);
  const generations = new Generations(store, installation, rootKey);
  const kek = await generations.primary();
  const keys = deriveKeys(installation.id, kek);
  await store.close();
  return {
    'root key': rootKey.expose(),
    KEK: kek.key.expose(),
    'key of materials': keys.material.export(),
    'key of tags': keys.tags.export(),
  };
}

/** Until every worker has seen some, whichever of them it was that answered. */
async function materials(server: TestServer): Promise<Buffer> {
  let material: unknown;
  for (let round = 0; round < 4; round += 1) {
    const client = await server.connect();
    const { payload } = await outcomeOf(client, on(await created(client), Operation.Get));
    material = valueIn(structure(0, ...payload), Tag.KeyMaterial);
    client.socket.destroy();
  }
  assert(Buffer.isBuffer(material));
  return material;
}

/** A share as it lies in memory: its text, and the 32 bytes of its point, read by nothing of ours. */
function formsOf(name: string, share: string): Record<string, Buffer> {
  const digits = share.slice('KLEIS1'.length).replaceAll('-', '');
  const number = [...digits].reduce((sum, digit) => sum * 32n + BigInt(alphabet.indexOf(digit)), 0n);
  const bytes = Buffer.from(number.toString(16).padStart(90, '0'), 'hex');
  return { [`text of ${name}`]: Buffer.from(share), [`point of ${name}`]: bytes.subarray(8, 40) };
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What is found in the primary process. */
function inPrimary(server: TestServer, secrets: Readonly<Record<string, Buffer>>): readonly string[] {
  return inMemory(primaryOf(server), secrets);
}

function primaryOf(server: TestServer): number {
  const primary = processesOf(server).find((pid) => /\0serve\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8')));
  assert(primary);
  return primary;
}

/** The same at a moment at which the process stands still. */
function inStopped(pid: number, secrets: Readonly<Record<string, Buffer>>): readonly string[] {
  process.kill(pid, 'SIGSTOP');
  try {
    return inMemory(pid, secrets);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describeOnLinux('the memory of the node', function () {
  this.timeout(120_000);
  let server: TestServer;

  afterEach(() => server.stop());

  for (const init of [
    ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'],
    ['--seal', 'passphrase', '--json'],
  ]) {
    it(`holds the keys while it is unsealed, and none of them in any process once it is sealed: ${init[1]}`, async () => {
      server = await TestServer.start({ workers: 2, init, launcher });
      const { shares, admin_token: token } = JSON.parse(server.initialised);
      const lines = `${shares.join('\n')}\n`;
      await server.commandWith(lines, 'unseal');
      const admin = ['--token-file', server.secretFile('token', token)];
      // A root key that is replaced must not stay behind either.
      const first = await secretsOf(server);
      const rotated = await server.commandWith(lines, 'rotate-root', ...admin);
      assert.equal(rotated.code, 0, rotated.stderr);
      const secrets = { ...(await secretsOf(server)), material: await materials(server) };
      const before = processesOf(server);
      assert.equal(before.length, 3);
      const held = new Set(before.flatMap((pid) => inMemory(pid, secrets)));
      for (const name of ['root key', 'key of materials', 'material']) assert(held.has(name), `${name} is not found`);
      for (const pid of before) assert(!inMemory(pid, first).includes('root key'), 'the replaced root key is found');

      const sealed = await server.command('seal', ...admin);
      assert.equal(sealed.code, 0, sealed.stderr);
      const kept = () => processesOf(server).filter((pid) => before.includes(pid));
      await until(() => processesOf(server).length === 3 && kept().length === 1);
      for (const pid of processesOf(server)) {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        assert.deepEqual([...inMemory(pid, secrets), ...inMemory(pid, first)], [], command);
      }
    });
  }

  it('holds shares while more of them are needed, none in the primary after that, and none anywhere once it is sealed', async () => {
    const init = ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'];
    server = await TestServer.start({ workers: 2, init, launcher });
    const { shares, admin_token: token } = JSON.parse(server.initialised);
    const admin = ['--token-file', server.secretFile('token', token)];
    const given = Object.assign(
      {},
      ...shares.map((share: string, index: number) => formsOf(`share ${index + 1}`, share)),
    );
    await server.commandWith(`${shares[0]}\n`, 'unseal');
    assert.deepEqual(inPrimary(server, given), ['point of share 1']);
    await server.commandWith(`${shares[1]}\n`, 'unseal');
    assert.deepEqual(inPrimary(server, given), []);

    const split = ['--shares', '2', '--threshold', '2', '--json'];
    const rekeyed = await server.commandWith(`${shares.join('\n')}\n`, 'rekey', ...split, ...admin);
    assert.equal(rekeyed.code, 0, rekeyed.stderr);
    const [one, other] = JSON.parse(rekeyed.stdout).shares;
    const fresh = { ...formsOf('new share 1', one), ...formsOf('new share 2', other) };
    const known = { ...given, ...fresh, 'administrator token': Buffer.from(token) };
    // Kept for whoever has lost the answer.
    assert.deepEqual(inPrimary(server, known), ['text of new share 1', 'text of new share 2']);

    const before = processesOf(server);
    const sealed = await server.command('seal', ...admin);
    assert.equal(sealed.code, 0, sealed.stderr);
    const kept = () => processesOf(server).filter((pid) => before.includes(pid));
    await until(() => processesOf(server).length === 3 && kept().length === 1);
    for (const pid of processesOf(server)) assert.deepEqual(inMemory(pid, known), []);
  });

  it('holds the passphrase while it opens the seal, and not once it has', async () => {
    server = await TestServer.start({ launcher });
    const passphrase = Buffer.from(readFileSync(join(server.folder, 'var', 'passphrase'), 'utf8').trim());
    await server.end();
    const serving = server.serve();
    await until(() => processesOf(server).length > 0);
    await until(() => inStopped(primaryOf(server), { passphrase }).length > 0);
    await serving;
    for (const pid of processesOf(server)) assert.deepEqual(inMemory(pid, { passphrase }), []);
  });

  it('is never dumped, and no debugger listens for a signal', async () => {
    server = await TestServer.start({ launcher });
    for (const pid of processesOf(server)) {
      assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /Max core file size +0 +0 /);
      assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /\0--disable-sigusr1\0/);
    }
  });

  it('is overwritten by the C library where the primary frees it; workers, which end, are not slowed down', async () => {
    server = await TestServer.start({ launcher });
    const primary = primaryOf(server);
    const overwriting = processesOf(server).filter((pid) =>
      readFileSync(`/proc/${pid}/environ`, 'utf8').includes('glibc.malloc.perturb='),
    );
    assert.deepEqual(overwriting, [primary]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !holds(); ) {
    assert(Date.now() < deadline, 'it did not come to pass in time');
    await sleep(50);
  }
}
