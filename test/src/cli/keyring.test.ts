import assert from 'node:assert/strict';
import { Operation } from '../../../ttlv/tables/enums.ts';
import { created, on, outcomeOf } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';

describe('kleis keyring', function () {
  this.timeout(40_000);

  it('rotates beside a running server, whose clients notice nothing, and writes it to the audit', async () => {
    const server = await TestServer.start({ workers: 2 });
    try {
      const client = await server.connect();
      const before = await created(client);
      assert.match(
        (await server.command('keyring', 'list')).stdout,
        /^1: primary, made .*, 4096 .* reserved, 1 objects\n$/,
      );
      const { code, stdout, stderr } = await server.command('keyring', 'rotate');
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /^1: earlier, .* 1 objects\n2: primary, .* 0 objects\n$/);
      const after = await created(client);
      for (const id of [before, after])
        assert.equal((await outcomeOf(client, on(id, Operation.Get))).result, 'Success');
      assert.match((await server.command('keyring', 'list')).stdout, /\n2: primary, .* 1 objects\n$/);
      const entries = server.audit().filter(({ operation }) => operation === 'RotateKeyring');
      assert.deepEqual(
        entries.map(({ worker, kind, from, result }) => ({ worker, kind, from, result })),
        [
          { worker: 0, kind: 'attempt', from: 'command line', result: undefined },
          { worker: 0, kind: 'outcome', from: 'command line', result: 'success' },
        ],
      );
    } finally {
      await server.stop();
    }
  });

  it('rotates with shares, where these are the seal', async () => {
    const init = ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'];
    const server = await TestServer.start({ init });
    try {
      const { shares } = JSON.parse(server.initialised) as { shares: string[] };
      const files = shares.slice(1).map((share, index) => server.secretFile(`share${index}`, share));
      const { code, stdout } = await server.command('keyring', 'rotate', '--file', ...files);
      assert.equal(code, 0);
      assert.match(stdout, /^1: earlier, .*\n2: primary, .*\n$/);
    } finally {
      await server.stop();
    }
  });
});
