import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { identityOf, TestServer } from '../support/server.ts';

// The Python that Debian installs its packages for; another one may come first in the path.
const python = '/usr/bin/python3';
const script = join(import.meta.dirname, 'pykmip/run.py');
const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };

/** What came of a case: the traceback of what went wrong, or null. */
interface Result {
  readonly name: string;
  readonly error: string | null;
}

/** The names of the cases, by version of the protocol. */
function casesByVersion(): Readonly<Record<string, readonly string[]>> {
  const { status, stdout, stderr } = spawnSync(python, [script, 'list'], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the cases cannot be listed: ${stderr}`);
  return JSON.parse(stdout);
}

/** Runs the cases of a version, all over one connection, as a user of its own. */
async function results(server: TestServer, version: string): Promise<ReadonlyMap<string, string | null>> {
  const { certificate, key } = await identityOf(`pykmip-${version}`);
  const files = { ca: server.ca, certificate, key };
  const paths = Object.entries(files).map(([name, content]) => {
    const path = join(server.folder, `${version}-${name}.pem`);
    writeFileSync(path, content);
    return path;
  });
  const child = spawn(python, [script, version, String(server.port), ...paths], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const found = new Map<string, string | null>();
  for await (const line of createInterface(child.stdout)) {
    const { name, error }: Result = JSON.parse(line);
    found.set(name, error);
  }
  await ended;
  return found;
}

describe('interop/pykmip', () => {
  if (spawnSync(python, ['-c', 'import kmip']).status !== 0) {
    it('needs python3-pykmip');
    return;
  }
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  for (const [version, names] of Object.entries(casesByVersion())) {
    describe(`PyKMIP in KMIP ${version}`, () => {
      let found: ReadonlyMap<string, string | null>;
      before(async function () {
        this.timeout(120_000);
        found = await results(server, version);
      });
      for (const name of names) {
        it(name, () => {
          const error = found.get(name);
          assert.notEqual(error, undefined, 'PyKMIP did not come to this case');
          if (error !== null) assert.fail(error);
        });
      }
    });
  }
});
