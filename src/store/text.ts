import { KmipError } from '../errors.ts';
import type { RowPut } from './store.ts';

/** How long an identifier or a user name may be, in bytes of UTF-8: what every database can index. */
export const longestText = 512;

/**
 * Refuses text that some database would change or not take: NUL, and half a surrogate pair (which UTF-8 cannot say).
 * Throws `invalid-field`.
 */
export function checkText(text: string): void {
  if (text.includes('\0')) throw new KmipError('invalid-field', 'text must not contain NUL');
  if (!text.isWellFormed()) throw new KmipError('invalid-field', 'text must be well-formed Unicode');
}

/** Refuses, with `invalid-field`, a row whose identifier, owner or grants cannot be stored as they are. */
export function checkPut({ row, grants }: RowPut): void {
  checkStored(row.id);
  checkStored(row.owner);
  for (const { userid, permissions } of grants) {
    checkStored(userid);
    checkText(permissions);
  }
}

function checkStored(text: string): void {
  checkText(text);
  // A UTF-16 unit is at most three bytes of UTF-8: short text need not be counted.
  if (text.length * 3 > longestText && Buffer.byteLength(text) > longestText) {
    throw new KmipError('invalid-field', `identifiers and names of users have at most ${longestText} bytes`);
  }
}
