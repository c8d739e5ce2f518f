import type { Knex } from 'knex';

/** SQL types that differ between databases. */
export interface ColumnTypes {
  /** The primary key that the database assigns: ascending, never reused. */
  readonly sequence: string;
  /** 64 bits, signed. */
  readonly integer: string;
  /** Up to 512 bytes of UTF-8, compared byte by byte, trailing spaces too. */
  readonly text: string;
  /** Text of any length that no index has. */
  readonly longText: string;
  /** 16 bytes. */
  readonly digest: string;
  /** Bytes of any number. */
  readonly bytes: string;
  /** At the end of a table whose rows shall lie in the order of the primary key. */
  readonly clustered: string;
}

/** A step of the schema. A landed one is frozen: whatever changes is a further migration. */
export interface Migration {
  /** `NNNN-what`: as databases remember it. */
  readonly name: string;
  up(knex: Knex, types: ColumnTypes): Promise<void>;
}
