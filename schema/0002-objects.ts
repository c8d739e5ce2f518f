import type { Knex } from 'knex';
import type { ColumnTypes, Migration } from './migration.ts';

const dates = [
  'initial_date',
  'activation_date',
  'process_start_date',
  'protect_stop_date',
  'deactivation_date',
  'destroy_date',
  'compromise_date',
  'compromise_occurrence_date',
  'archive_date',
  'last_change_date',
  'original_creation_date',
];

/**
 * Managed objects, who else may use them, and what Locate looks up. Every index of Locate ends with the insertion number,
 * so that an equality is answered newest first without sorting. Columns that decide come before those that hold bytes.
 */
export const objects: Migration = {
  name: '0002-objects',
  async up(knex, types) {
    await createObjects(knex, types);
    await createIndexes(knex);
    await knex.raw(`create table object_values (
      sequence ${types.integer} not null,
      digest ${types.digest} not null,
      primary key (sequence, digest)
    ) ${types.clustered}`);
    await knex.schema.alterTable('object_values', (table) => {
      table.index(['digest', 'sequence'], 'object_values_digest');
    });
    await knex.schema.createTable('read_access', (table) => {
      table.specificType('id', types.text).notNullable().references('id').inTable('objects');
      table.specificType('userid', types.text).notNullable();
      table.specificType('permissions', types.longText).notNullable();
      table.specificType('sequence', types.integer).notNullable();
      table.primary(['id', 'userid']);
      table.index(['userid', 'sequence'], 'read_access_userid');
    });
  },
};

async function createObjects(knex: Knex, types: ColumnTypes): Promise<void> {
  await knex.schema.createTable('objects', (table) => {
    table.specificType('sequence', types.sequence).notNullable();
    table.specificType('id', types.text).notNullable().unique({ indexName: 'objects_id' });
    table.specificType('type', types.integer).notNullable();
    table.specificType('state', types.integer).notNullable();
    table.specificType('owner', types.text).notNullable();
    table.specificType('revision', types.integer).notNullable();
    table.specificType('generation', types.integer).notNullable().references('generation').inTable('keyring');
    table.specificType('algorithm', types.integer);
    table.specificType('length', types.integer);
    for (const date of dates) table.specificType(date, types.integer);
    table.specificType('usage_left', types.integer);
    table.specificType('tag', types.bytes).notNullable();
    table.specificType('attributes', types.bytes).notNullable();
    // The material, sealed; null where there is none (any more).
    table.specificType('object', types.bytes);
  });
}

async function createIndexes(knex: Knex): Promise<void> {
  const present = (column: string) => ({ predicate: knex.whereNotNull(column) });
  await knex.schema.alterTable('objects', (table) => {
    for (const column of ['type', 'state', 'owner']) table.index([column, 'sequence'], `objects_${column}`);
    for (const column of ['algorithm', 'length', ...dates]) {
      table.index([column, 'sequence'], `objects_${column}`, present(column));
    }
    // Written states that a date has moved on since.
    for (const column of ['activation_date', 'deactivation_date']) {
      table.index(['state', column, 'sequence'], `objects_state_${column}`, present(column));
    }
  });
}
