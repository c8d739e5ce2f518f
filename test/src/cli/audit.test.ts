import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createAuthority, issue } from '../../../certs/authority.ts';
import { created } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';

describe('kleis audit', function () {
  this.timeout(40_000);
  let server: TestServer;
  let object: string;

  beforeEach(async () => {
    server = await TestServer.start();
    const client = await server.connect();
    object = await created(client);
    await client.close();
  });

  afterEach(() => server.stop());

  const folder = () => join(server.folder, 'var', 'audit');
  const paths = () =>
    readdirSync(folder())
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => join(folder(), name))
      .sort();

  it('verifies what a server has written, beside it, and finds a change', async () => {
    const [path = ''] = paths();
    const good = await server.command('audit', 'verify', path);
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /^\d+ entries, complete and unchanged\.\n$/);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"alice"', '"mallory"'));
    const bad = await server.command('audit', 'verify', path);
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /-1\.jsonl:\d+: what is written up to here was changed\n.*1 findings\.\n$/);
  });

  it('verifies with shares what a server has written sealed and unsealed', async () => {
    const init = ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'];
    const other = await TestServer.start({ init });
    const shares: readonly string[] = JSON.parse(other.initialised).shares;
    await other.commandWith('nonsense', 'unseal');
    await other.commandWith(shares.slice(1).join('\n'), 'unseal');
    const client = await other.connect();
    await created(client);
    await client.close();
    const written = join(other.folder, 'var', 'audit');
    const [path = ''] = readdirSync(written).map((name) => join(written, name));
    const good = await other.commandWith(shares.join('\n'), 'audit', 'verify', path);
    assert.deepEqual([good.code, good.stderr], [0, '']);
    assert.match(good.stdout, /^\d+ entries, complete and unchanged\.\n$/);
    const few = await other.commandWith(shares[0] ?? '', 'audit', 'verify', path);
    assert.deepEqual([few.code, few.stderr], [1, 'kleis: these are 1 of 2 shares\n']);
    await other.stop();
  });

  it('lets commands that run at once write one chain', async () => {
    const users = ['bob', 'carol', 'dave', 'erin'];
    const ended = await Promise.all(users.map((user) => server.command('access', 'grant', object, user, 'Get')));
    assert.deepEqual(
      ended.map(({ code, stderr }) => `${code} ${stderr}`),
      users.map(() => '0 '),
    );
    const [commands = ''] = paths();
    assert.match(commands, /-0\.jsonl$/);
    const { code, stdout } = await server.command('audit', 'verify', commands);
    assert.deepEqual([code, stdout], [0, '12 entries, complete and unchanged.\n']);
  });

  it('says whose certificate was refused, of a connection', async () => {
    const stranger = await issue(await createAuthority('Other CA', { keys: 'ec' }), { cn: 'mallory', keys: 'ec' });
    for (const identity of [stranger, undefined]) {
      const client = await server.connect('alice', { identity });
      client.socket.resume();
      if (!client.socket.closed) await once(client.socket, 'close');
    }
    const connections = () => server.audit().filter(({ operation }) => operation === 'Connect');
    while (connections().length < 2) await delay(10);
    const lines = connections();
    assert.deepEqual(
      lines.map(({ who, result }) => [who, result]),
      [
        ['CN=mallory', 'denied'],
        [undefined, 'denied'],
      ],
    );
    assert.ok(lines.every((line) => !('correlation' in line)));
  });
});
