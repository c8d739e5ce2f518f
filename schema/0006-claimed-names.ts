import type { Migration } from './migration.ts';

/**
 * Names that no two living objects of one owner may have, where the setting wants that. A claim holds while its object has the
 * name; one that does not hold any more is taken over by the next. It decides nothing but that.
 */
export const claimedNames: Migration = {
  name: '0006-claimed-names',
  async up(knex, types) {
    await knex.raw(`create table claimed_names (
      claim ${types.digest} not null primary key,
      sequence ${types.integer} not null
    ) ${types.clustered}`);
  },
};
