import type { Value } from '../dialects/abilities.ts';

/** A piece of SQL and what its question marks stand for. Texts are made of constants of this folder, never of values. */
export interface Sql {
  readonly text: string;
  readonly parameters: readonly Value[];
}

/** So many question marks. */
export function marks(count: number): string {
  return Array(count).fill('?').join(', ');
}

/** Puts pieces between texts. */
export function join(pieces: readonly Sql[], separator: string): Sql {
  return {
    text: pieces.map(({ text }) => text).join(separator),
    parameters: pieces.flatMap(({ parameters }) => parameters),
  };
}
