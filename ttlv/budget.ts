/** What one message may cost its reader. */
export interface Limits {
  /** Bytes of the whole message. */
  readonly bytes: number;
  /** Structures within one another, the message itself included. */
  readonly depth: number;
  /** Items, structures included. */
  readonly items: number;
}

/** The limits that hold unless a setting says otherwise. */
export const defaultLimits: Limits = { bytes: 8 * 1024 * 1024, depth: 32, items: 100_000 };

/**
 * What is left of the limits of one message: made once a message and handed to everything that reads a part of it, also
 * to the reader of an encoding inside a Byte String. Every check comes before the allocation that it guards.
 */
export class Budget {
  readonly bytes: number;
  readonly depth: number;
  /** The items that may still be read. */
  items: number;

  constructor(limits: Limits = defaultLimits) {
    this.bytes = limits.bytes;
    this.depth = limits.depth;
    this.items = limits.items;
  }
}
