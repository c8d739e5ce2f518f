import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Secret } from '../crypto/secret.ts';
import type { Kek } from './keys.ts';

/** What passes between the primary and a worker, over a pipe that the worker inherits: raw bytes, no JSON. */
export const Frame = {
  /** Worker: a generation, please (body: its number, 4 bytes). */
  WantGeneration: 1,
  /** Worker: the primary generation, please (body: the number of a used-up one, 4 bytes; 0: none). */
  WantPrimary: 2,
  /** Worker: I serve (body: empty). */
  Ready: 3,
  /** Worker: I cannot start (body: why, in words). */
  Failed: 4,
  /** Primary, to a request: a key encryption key (body: see kekBody). */
  Kek: 5,
  /** Primary, to a request: there is no such generation (body: empty). */
  NoSuchGeneration: 6,
  /** Primary, to a request: the keyring does not open (body: why, in words). */
  Refused: 7,
  /** Primary: the node is unsealed, serve (body: see startBody). */
  Start: 8,
  /** Primary: other TLS session ticket keys from now on (body: 48 bytes). */
  TicketKeys: 9,
  /** Primary: read the certificates again, with other ticket keys (body: 48 bytes). */
  Reload: 10,
  /** Primary: the node is sealed, serve what can be served so (body: as Start). A Start may follow. */
  StartSealed: 11,
  /** Worker: a call of the seal's control (body: see control-pipe.ts). */
  Control: 12,
  /** Primary, to a call: its result (body: see control-pipe.ts). */
  ControlResult: 13,
  /** Primary, to a call: it failed (body: see control-pipe.ts). */
  ControlFailed: 14,
  /** Primary, before all else: the key of the link (body: 32 bytes). */
  LinkKey: 15,
  /** Primary: why nothing is to be answered though the node is unsealed (body: in words; empty: all is well again). */
  NotReady: 16,
} as const;

export type Frame = (typeof Frame)[keyof typeof Frame];

/** A frame as received. `request` ties an answer to its question; 0 where there is none. `body` is the receiver's own. */
export interface Received {
  readonly kind: number;
  readonly request: number;
  readonly body: Buffer;
}

/** TLS session ticket keys, as Node takes them. */
export const TICKET_KEY_BYTES = 48;

/** The number of the pipe in the worker: the first after the standard streams. */
export const PIPE = 3;

/** Length of the body (4), kind (1), request (4). */
const HEADER_BYTES = 9;
/** Room for 255 public keys. */
const LONGEST_BODY = 1024 * 1024;

const KEY_BYTES = 32;
const NUMBER_BYTES = 4;

/**
 * One end of the pipe. Buffers that held keys are zeroed once they were sent or copied. That is all that the sender needs; of
 * what is received, Node keeps copies of its own. A worker ends when the node is sealed, but the primary stays: what is secret
 * on its way there is encrypted under a key of this link, which is wiped with the worker.
 */
export class Handover {
  readonly #pipe: Duplex;
  #pending = Buffer.alloc(0);
  #link: Secret | undefined;

  /** `receive` gets every frame; it must not throw. */
  constructor(pipe: Duplex, receive: (frame: Received) => void) {
    this.#pipe = pipe;
    pipe.on('data', (chunk: Buffer) => {
      this.#take(chunk, receive);
    });
  }

  /** Zeroes `body` once it is on its way. */
  send(kind: Frame, request = 0, body: Buffer | string = ''): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const frame = Buffer.alloc(HEADER_BYTES + bytes.length);
    frame.writeUInt32BE(bytes.length, 0);
    frame.writeUInt8(kind, 4);
    frame.writeUInt32BE(request, 5);
    bytes.copy(frame, HEADER_BYTES);
    bytes.fill(0);
    // A pipe whose other end has gone reports that by its own events.
    this.#pipe.write(frame, () => frame.fill(0));
  }

  /** The primary's: makes the key of the link and gives it to the worker. */
  begin(): void {
    this.#link = new Secret(randomBytes(KEY_BYTES));
    this.send(Frame.LinkKey, 0, Buffer.from(this.#link.expose()));
  }

  /** The key (32 bytes) that secrets are encrypted under between the two. */
  get link(): Secret {
    if (this.#link === undefined) throw new Error('the pipe of the processes has no key yet');
    return this.#link;
  }

  /** Wipes the key of the link. */
  end(): void {
    this.#link?.wipe();
  }

  #take(chunk: Buffer, receive: (frame: Received) => void): void {
    const bytes = Buffer.concat([this.#pending, chunk]);
    this.#pending.fill(0);
    chunk.fill(0);
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const length = bytes.readUInt32BE(at);
      if (length > LONGEST_BODY) {
        this.#pipe.destroy(new Error('a frame on the pipe of the processes is too long'));
        return;
      }
      const end = at + HEADER_BYTES + length;
      if (end > bytes.length) break;
      const body = Buffer.from(bytes.subarray(at + HEADER_BYTES, end));
      const kind = bytes.readUInt8(at + 4);
      if (kind === Frame.LinkKey) this.#link ??= new Secret(body);
      else receive({ kind, request: bytes.readUInt32BE(at + 5), body });
      at = end;
    }
    this.#pending = Buffer.from(bytes.subarray(at));
    bytes.fill(0);
  }
}

/** A number as the body of a frame. */
export function numberBody(value: number): Buffer {
  const body = Buffer.alloc(NUMBER_BYTES);
  body.writeUInt32BE(value);
  return body;
}

/** A key encryption key as the body of a frame: its number, 4 bytes, and the 32 bytes of the key, which is wiped. */
export function kekBody({ generation, key }: Kek): Buffer {
  const body = Buffer.concat([numberBody(generation), key.expose()]);
  key.wipe();
  return body;
}

/** What `kekBody` made a body of, which the key takes over. */
export function kekIn(body: Buffer): Kek {
  return { generation: body.readUInt32BE(0), key: new Secret(body.subarray(NUMBER_BYTES)) };
}

/** What a worker starts with. */
export interface Start {
  /** TLS session ticket keys, 48 bytes. */
  readonly ticketKeys: Buffer;
  /** How often all nodes were sealed. */
  readonly epoch: number;
  /** Empty where the node is sealed. */
  readonly installationId: string;
}

/** A start as the body of a frame: ticket keys, epoch (4 bytes), installation id. */
export function startBody({ ticketKeys, epoch, installationId }: Start): Buffer {
  return Buffer.concat([ticketKeys, numberBody(epoch), Buffer.from(installationId)]);
}

/** What `startBody` made a body of. */
export function startIn(body: Buffer): Start {
  return {
    ticketKeys: body.subarray(0, TICKET_KEY_BYTES),
    epoch: body.readUInt32BE(TICKET_KEY_BYTES),
    installationId: body.toString('utf8', TICKET_KEY_BYTES + NUMBER_BYTES),
  };
}
