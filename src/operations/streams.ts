import type { Buffer } from 'node:buffer';
import { type KeyObject, randomBytes } from 'node:crypto';
import type { ValidityIndicator } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';

/** One part of an operation in several parts. */
interface Part {
  readonly data: Buffer;
  readonly isLast: boolean;
  /** The signature or MAC to verify, in the part that brings it. */
  readonly proof?: Buffer | undefined;
}

/** What a part is answered with, in the fields of the operation. */
export interface Outputs {
  readonly data?: Buffer;
  readonly ivCounterNonce?: Buffer;
  readonly authenticatedEncryptionTag?: Buffer;
  readonly signatureData?: Buffer;
  readonly macData?: Buffer;
  readonly validityIndicator?: ValidityIndicator;
}

/** An operation in several parts that is under way. */
export interface Stream {
  /** What the first part is answered with besides. */
  readonly opening?: Outputs | undefined;
  next(part: Part): Outputs | Promise<Outputs>;
}

/** Whose a stream is: nobody else goes on with it, and not with another operation, object or key. */
export interface StreamOwner {
  readonly principal: string;
  readonly operation: string;
  readonly object: string;
  readonly key: KeyObject;
}

interface Entry {
  readonly owner: StreamOwner;
  readonly stream: Stream;
  readonly expires: number;
}

/** How many streams one principal may have under way, and all of them, in one process. */
const MOST_OF_ONE = 64;
const MOST = 1024;
/** Seconds between two parts after which a stream is dropped. */
const IDLE_SECONDS = 600;
const CORRELATION_BYTES = 16;

/**
 * The operations in several parts that are under way in this process, by Correlation Value (KMIP 2.1, 7.8). Nothing of
 * them is stored: they end with the process, and another process of the node, or another node, does not know them.
 * Clients send the parts over one connection, and so to one process; parts are not forwarded between processes.
 */
export class Streams {
  /** By Correlation Value in hex, the one that was used last at the end. */
  readonly #entries = new Map<string, Entry>();

  /** A new Correlation Value. Throws `limit-exceeded` where the principal, or all together, have too many streams. */
  reserve({ principal }: StreamOwner, now: number): Buffer {
    this.#dropExpired(now);
    const own = [...this.#entries.values()].filter(({ owner }) => owner.principal === principal);
    if (own.length >= MOST_OF_ONE || this.#entries.size >= MOST) {
      throw new KmipError('limit-exceeded', 'too many operations in several parts are under way');
    }
    return randomBytes(CORRELATION_BYTES);
  }

  /** Keeps a stream for its next part. */
  keep(value: Buffer, owner: StreamOwner, stream: Stream, now: number): void {
    this.#entries.set(value.toString('hex'), { owner, stream, expires: now + IDLE_SECONDS });
  }

  /** The stream of a Correlation Value, if it is the owner's: throws `invalid-correlation-value` else. */
  find(value: Buffer, owner: StreamOwner, now: number): Stream {
    this.#dropExpired(now);
    const entry = this.#entries.get(value.toString('hex'));
    if (entry === undefined || !isSame(entry.owner, owner)) throw unknownValue();
    return entry.stream;
  }

  /** As `find`; the stream is gone unless it is kept again, so that a part that fails ends it. */
  take(value: Buffer, owner: StreamOwner, now: number): Stream {
    const stream = this.find(value, owner, now);
    this.#entries.delete(value.toString('hex'));
    return stream;
  }

  /** Forgets all streams, and the keys in them. */
  clear(): void {
    this.#entries.clear();
  }

  #dropExpired(now: number): void {
    for (const [value, { expires }] of this.#entries) {
      if (expires > now) return;
      this.#entries.delete(value);
    }
  }
}

function isSame(one: StreamOwner, other: StreamOwner): boolean {
  return (
    one.principal === other.principal &&
    one.operation === other.operation &&
    one.object === other.object &&
    one.key.equals(other.key)
  );
}

function unknownValue(): KmipError {
  const text = 'no such operation is under way here: it has ended, or another process of the server began it';
  return new KmipError('invalid-correlation-value', text);
}
