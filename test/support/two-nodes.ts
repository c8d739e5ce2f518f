import { join } from 'node:path';
import { serverDatabases } from './databases.ts';
import { type ServerOptions, TestServer } from './server.ts';

/** A kind of database that two nodes can share. */
export interface SharedDatabase {
  readonly name: string;
  /** Why it is not at hand here, where it is not. */
  readonly missing?: string;
  /** Two nodes of one new installation over a new database. */
  nodes(options?: Pick<ServerOptions, 'init' | 'env'>): Promise<readonly [TestServer, TestServer]>;
}

const urlSetting: Readonly<Record<string, string>> = { PostgreSQL: 'KMS_POSTGRES_URL', MariaDB: 'KMS_MYSQL_URL' };

const sharedDatabases: readonly SharedDatabase[] = [
  {
    name: 'SQLite',
    async nodes({ env = {}, ...options } = {}) {
      const one = await TestServer.start({ env, ...options });
      const shared = { KMS_DATABASE_FILE: join(one.folder, 'var', 'kleis.db') };
      return [one, await TestServer.start({ beside: one, env: { ...env, ...shared } })];
    },
  },
  ...serverDatabases.map(
    (database): SharedDatabase => ({
      name: database.name,
      ...(database.missing !== undefined && { missing: database.missing }),
      async nodes({ env = {}, ...options } = {}) {
        const shared = { ...env, [urlSetting[database.name] ?? '']: await database.create() };
        const one = await TestServer.start({ env: shared, ...options });
        return [one, await TestServer.start({ beside: one, env: shared })];
      },
    }),
  ),
];

/** A suite for each kind of database; those that are not at hand are reported as skipped, by name. */
export function describeOnShared(title: string, suite: (database: SharedDatabase) => void): void {
  for (const database of sharedDatabases) {
    if (database.missing === undefined) {
      describe(`${title} ${database.name}`, function () {
        this.timeout(120_000);
        suite(database);
      });
    } else {
      it.skip(`${title} ${database.name}: ${database.missing}`, () => {});
    }
  }
}
