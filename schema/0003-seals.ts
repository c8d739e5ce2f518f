import type { Migration } from './migration.ts';

/** What the seals need beside the wrapped root key: recovery shares, the administrator token, and how often all were sealed. */
export const seals: Migration = {
  name: '0003-seals',
  async up(knex, types) {
    await knex.schema.alterTable('installation', (table) => {
      // Raised whenever root key or seal are replaced: a node that knows another one adds no generation.
      table.specificType('revision', types.integer).notNullable().defaultTo(1);
      // Raised to seal every node.
      table.specificType('seal_epoch', types.integer).notNullable().defaultTo(0);
      // A digest.
      table.specificType('admin_token', types.bytes);
      // The root key once more, for the recovery shares of a seal that opens by itself.
      table.specificType('recovery_parameters', types.longText);
      table.specificType('recovery_wrapped', types.bytes);
      // Of this row, under the root key.
      table.specificType('tag', types.bytes);
    });
  },
};
