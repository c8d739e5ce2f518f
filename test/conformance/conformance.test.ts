import { algorithmRow, includesLength } from '../../src/crypto/algorithms.ts';
import type { CryptographicAlgorithm } from '../../ttlv/tables/enums.ts';
import { type Version, versions } from '../../ttlv/tables/versions.ts';
import { askAbilities } from './abilities.ts';
import { casesDirectory, findCases, type Transport } from './cases.ts';
import { familiesOf } from './families.ts';
import { History } from './history.ts';
import { runnable, type Server, whyLeftOut } from './needs.ts';
import { Placeholders } from './placeholders.ts';
import { type Result, report } from './report.ts';
import { runCase, type Send } from './run.ts';
import { startTarget, type Target } from './target.ts';

const families = familiesOf(findCases(casesDirectory()) ?? []);
const servers = new Map<Version, Server>();
const results: Result[] = [];
let target: Target | undefined;

describe('the published test cases of KMIP 1.0 to 2.1', function () {
  this.timeout(60_000);

  // Pending, by this name, where the cases are not at hand.
  if (families.length === 0) it('are needed in $KMIP_TESTCASES');

  before('start the server, and ask what it has', async function () {
    if (families.length === 0) this.skip();
    target = await startTarget();
    await connected('curious', 'TLS', async (send) => {
      for (const version of versions) servers.set(version, { ...(await askAbilities(send, version)), hasAlgorithm });
    });
  });

  after(async () => {
    await target?.stop();
    if (results.length > 0) console.log(`\n${report(results)}`);
  });

  for (const [index, family] of families.entries()) {
    const user = `family-${index}`;
    const history = new History();
    let now: number | undefined;
    for (const testCase of family.cases) {
      const { directory, name, version, transport } = testCase;
      it(`${directory}/${name}`, async function () {
        const server = servers.get(version);
        if (server === undefined) throw new Error('the server was not asked what it has');
        const reason = whyLeftOut(testCase, family, server);
        if (reason !== undefined) {
          results.push({ directory, name, outcome: 'skipped', reason });
          this.skip();
        }
        now ??= Math.floor(Date.now() / 1000);
        const scene = { ...server, version, history, placeholders: new Placeholders(now) };
        const run = connected(user, transport, (send) => runCase(runnable(testCase, family), scene, send));
        const outcome = await run.then(
          () => 'passed' as const,
          () => 'failed' as const,
        );
        results.push({ directory, name, outcome });
        await run;
      });
    }
  }
});

async function connected(user: string, transport: Transport, use: (send: Send) => Promise<void>): Promise<void> {
  const client = await target?.connect(user, transport);
  if (client === undefined) throw new Error('the server was not started');
  try {
    await use((request) => client.exchange(request));
  } finally {
    await client.close();
  }
}

function hasAlgorithm(algorithm: number, length?: number): boolean {
  const row = algorithmRow(algorithm as CryptographicAlgorithm);
  if (row === undefined || length === undefined) return row !== undefined;
  return row.create !== undefined && includesLength(row.create, length);
}
