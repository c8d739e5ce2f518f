import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { created } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';

describe('audit/rotation', () => {
  let server: TestServer;
  let path: string;
  beforeEach(async () => {
    server = await TestServer.start();
    const folder = join(server.folder, 'var', 'audit');
    const [name = ''] = readdirSync(folder);
    path = join(folder, name);
  });
  afterEach(() => server.stop());

  it('goes on in a new file after the old one was moved away and SIGHUP came', async () => {
    const client = await server.connect();
    const before = await created(client);
    renameSync(path, `${path}.1`);
    server.signal('SIGHUP');
    while (!existsSync(path)) await delay(10);
    const after = await created(client);
    assert.ok(readFileSync(`${path}.1`, 'utf8').includes(before));
    assert.ok(!readFileSync(`${path}.1`, 'utf8').includes(after));
    assert.ok(readFileSync(path, 'utf8').includes(after));
    await client.close();
  });

  it('acknowledges nothing while the file cannot be written, and goes on when it can', async function () {
    if (!existsSync('/dev/full')) this.skip();
    renameSync(path, `${path}.1`);
    symlinkSync('/dev/full', path);
    server.signal('SIGHUP');
    while (!server.log.includes('the audit file cannot be opened again')) await delay(10);
    const creates = async (): Promise<boolean> => {
      const client = await server.connect();
      const done = await created(client).then(
        () => true,
        () => false,
      );
      await client.close();
      return done;
    };
    assert.ok(!(await creates()));
    rmSync(path);
    renameSync(`${path}.1`, path);
    server.signal('SIGHUP');
    while (!(await creates())) await delay(10);
  });
});
