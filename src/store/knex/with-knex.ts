import knexFactory, { type Knex } from 'knex';
import type { Dialect } from '../dialects/abilities.ts';

/** What knex would print it also throws. */
const quiet = () => {};
const log = { debug: quiet, deprecate: quiet, warn: quiet, error: quiet };

/** Lends a connection to a database whose schema may be any. Failures of the driver are its own errors. */
export async function withKnex<T>(dialect: Dialect, use: (knex: Knex) => Promise<T>): Promise<T> {
  const knex = knexFactory({ ...dialect.knexConnection(), pool: { min: 1, max: 1 }, log });
  try {
    return await use(knex);
  } finally {
    await knex.destroy();
  }
}
