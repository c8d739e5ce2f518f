import type { Migration } from './migration.ts';

/** What stays of a generation that is gone: the key of the audit chains that were made under it. */
export const auditKeys: Migration = {
  name: '0005-audit-keys',
  async up(knex, types) {
    await knex.schema.createTable('audit_keys', (table) => {
      table.specificType('generation', types.integer).notNullable().primary();
      table.specificType('created', types.integer).notNullable();
      table.specificType('wrapped', types.bytes).notNullable();
    });
  },
};
