import { type ErrorName, KmipError } from '../errors.ts';

/**
 * A refusal for want of a permission. The client may be told something else (what it may not see answers as what does
 * not exist); the audit trail has it as denied.
 */
export class Denied extends KmipError {
  constructor(told: ErrorName, message: string) {
    super(told, message);
    this.name = 'Denied';
  }
}
