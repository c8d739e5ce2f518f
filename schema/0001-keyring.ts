import type { Migration } from './migration.ts';

/** How the database is sealed, and the generations of the key encryption key. */
export const keyring: Migration = {
  name: '0001-keyring',
  async up(knex, types) {
    await knex.schema.createTable('installation', (table) => {
      // Always 1: there is one installation in a database.
      table.specificType('slot', types.integer).notNullable().primary();
      table.specificType('id', types.text).notNullable();
      table.specificType('seal', types.text).notNullable();
      table.specificType('parameters', types.longText).notNullable();
      table.specificType('wrapped', types.bytes).notNullable();
    });
    await knex.schema.createTable('keyring', (table) => {
      table.specificType('generation', types.integer).notNullable().primary();
      table.specificType('wrapped', types.bytes).notNullable();
      table.specificType('created', types.integer).notNullable();
      table.specificType('is_primary', types.integer).notNullable();
      table.specificType('reserved', types.integer).notNullable();
    });
  },
};
