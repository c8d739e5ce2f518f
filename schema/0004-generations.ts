import type { Migration } from './migration.ts';

/** Objects by the generation that seals them: to seal them anew, and to know when none is left. */
export const generations: Migration = {
  name: '0004-generations',
  async up(knex) {
    await knex.schema.alterTable('objects', (table) => {
      table.index(['generation', 'sequence'], 'objects_generation');
    });
  },
};
