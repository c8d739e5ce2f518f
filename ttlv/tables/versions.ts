// Made by scripts/make-tables.ts from the registry of the standard; do not edit.

/** A version of the protocol as one number, major * 10 + minor, so that versions compare: 14 is KMIP 1.4. */
export type Version = 10 | 11 | 12 | 13 | 14 | 20 | 21;

/** The versions of the standard, oldest first. */
export const versions: readonly Version[] = [10, 11, 12, 13, 14, 20, 21];

/** The newest version. */
export const LATEST: Version = 21;
