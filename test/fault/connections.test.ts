import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Operation } from '../../ttlv/tables/enums.ts';
import type { Client } from '../support/client.ts';
import { batchItem, outcomeOf } from '../support/requests.ts';
import { TestServer } from '../support/server.ts';

const CONNECTIONS = 10_000;

/**
 * Opens that many connections and says so; says how many were closed meanwhile when asked. In a process of its own, since
 * open files are counted for each process.
 */
const flood = `
  const net = require('node:net');
  const [port, count] = process.argv.slice(1).map(Number);
  let [begun, open, closed] = [0, 0, 0];
  const next = () => {
    if (begun === count) return;
    begun++;
    const socket = net.connect(port, '127.0.0.1', () => { if (++open === count) console.log('open'); next(); });
    socket.on('error', (error) => { if (error.code === 'EMFILE') { console.log(error.code); process.exit(); } });
    socket.on('close', () => closed++).resume();
  };
  for (let i = 0; i < 100; i++) next();
  process.stdin.on('data', () => console.log(closed));
`;

describe('fault/connections', function () {
  this.timeout(60_000);

  for (const [what, held, env] of [
    ['more than the server may hold', 1_000, { KMS_MAX_CONNECTIONS_PER_PEER: '1000' }],
    ['all of them held', CONNECTIONS, { KMS_MAX_CONNECTIONS: '20000', KMS_MAX_CONNECTIONS_PER_PEER: '20000' }],
  ] as const) {
    it(`serves beside ${CONNECTIONS} connections that send nothing, ${what}`, async function () {
      const server = await TestServer.start({ env: { ...env, KMS_HANDSHAKE_TIMEOUT: '60' } });
      const child = spawn(process.execPath, ['-e', flood, String(server.port), String(CONNECTIONS)]);
      const says = async (): Promise<string> => String(await once(child.stdout, 'data')).trim();
      try {
        const before = await server.connect();
        await works(before);
        const opened = await says();
        if (opened === 'EMFILE') this.skip();
        assert.equal(opened, 'open');
        await works(before);
        await works(await server.connect('bob'));
        // That they were closed reaches their process in its own time.
        let closed = -1;
        while (closed < CONNECTIONS - held) {
          child.stdin.write('?');
          closed = Number(await says());
        }
        // Those of the two clients count, too.
        assert.ok(closed <= CONNECTIONS - held + 2, `${closed} were closed`);
        const told = new Set(server.audit().map(({ kind, reason, from }) => `${kind} ${reason} ${from}`));
        assert.equal(told.has('connection evicted 127.0.0.1'), held < CONNECTIONS);
      } finally {
        child.kill('SIGKILL');
        await server.stop();
      }
    });
  }
});

async function works(client: Client): Promise<void> {
  assert.equal((await outcomeOf(client, batchItem(Operation.DiscoverVersions))).result, 'Success');
}
