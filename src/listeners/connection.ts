import type { TLSSocket } from 'node:tls';
import { TtlvError } from '../../ttlv/errors.ts';
import { Framer } from '../../ttlv/framer.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Peer } from '../access/authenticate.ts';
import type { Clock } from './clock.ts';
import type { Unfinished } from './unfinished.ts';

/** What a connection needs of its listener. One object for all connections. */
export interface ConnectionHost {
  readonly clock: Clock;
  readonly maxMessageBytes: number;
  readonly unfinished: Unfinished;
  /** Answers a request; undefined closes the connection without an answer. */
  handle(message: Buffer, peer: Peer): Promise<Buffer | undefined>;
  /** What to answer to bytes that are no message, before the connection is closed; undefined: nothing. */
  refuse(error: TtlvError, peer: Peer): Buffer | undefined;
  /** The first request has come. */
  active(connection: Connection): void;
  /**
   * The connection is lost by what its peer did or failed to do. Resolves once that is on record: false where it cannot be,
   * and nothing may be answered. Never rejects.
   */
  broken(connection: Connection, reason: string): Promise<boolean>;
  /** `handle` failed, which it never should. */
  failed(error: unknown): void;
  closed(connection: Connection): void;
}

/** Seconds. */
export interface ConnectionTimeouts {
  readonly messageTimeout: number;
  readonly idleTimeout: number;
}

/** With this many bytes of further requests at hand, reading stops until one is answered. */
const READ_AHEAD_BYTES = 65_536;
/** Seconds for a peer to read the last answer and to close its end. */
const LINGER_SECONDS = 5;

/**
 * Answers leave behind the promises of a turn, when all of them are encoded: one right after the other they find a client
 * awake that has taken the first, and to wake one costs as much as to write.
 */
function send(socket: TLSSocket, answer: Buffer, written: () => void): void {
  socket.write(answer, written);
}

/** Behind what `send` was given before. */
function finish(socket: TLSSocket, last: Buffer | undefined): void {
  if (last === undefined) socket.end();
  else socket.end(last);
  socket.resume();
}

/**
 * Requests in, answers out, in order, over a connection that TLS has opened. One request at a time is handled. An
 * answer is one write and so one TLS record (up to 16 KiB); the next one waits until it is written, since Node merges
 * a write that waits behind another, and clients that take a record for an answer would lose one.
 */
export class Connection {
  readonly peer: Peer;
  readonly #socket: TLSSocket;
  readonly #host: ConnectionHost;
  readonly #framer: Framer;
  /** A request is being handled. */
  #handling = false;
  #writing = false;
  /** An answer that waits for the write before it. */
  #waiting: Buffer | undefined;
  /** `received`: requests that are here are still answered; `handled`: only the one at work. */
  #ending: 'no' | 'received' | 'handled' = 'no';
  /** Our end is closed: nothing more is written. */
  #ended = false;
  #asked = false;
  /** Bytes of unfinished messages that are counted. */
  #kept = 0;
  /** When the present state began: idle, a message incomplete, a write pending, or ended. */
  #since: number;

  constructor(socket: TLSSocket, peer: Peer, host: ConnectionHost) {
    this.#socket = socket;
    this.peer = peer;
    this.#host = host;
    this.#framer = new Framer(Tag.RequestMessage, host.maxMessageBytes);
    this.#since = host.clock.now;
    socket.on('data', this.#received);
    socket.on('end', () => this.#peerEnded());
    // An error is followed by 'close', and says no more than that the peer has gone.
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
  }

  /** Closes the connection after the answers that are owed: to all requests received, or to the one at work alone. */
  finish(after: 'received' | 'handled'): void {
    if (this.#ending !== 'handled') this.#ending = after;
    this.#endIfDone();
  }

  /** Closes the connection at once. */
  destroy(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  /** Ends what takes too long. To be called every second or so: a timer for each request would cost more than this. */
  checkTime({ messageTimeout, idleTimeout }: ConnectionTimeouts): void {
    const elapsed = this.#host.clock.now - this.#since;
    if (this.#ended) {
      if (elapsed > LINGER_SECONDS) this.#socket.destroy();
    } else if (this.#writing) {
      if (elapsed > messageTimeout) this.#break('answer-not-read');
    } else if (!this.#handling) {
      if (this.#framer.pending > 0) {
        if (elapsed > messageTimeout) this.#break('message-incomplete');
      } else if (elapsed > idleTimeout) this.#end();
    }
  }

  readonly #received = (chunk: Buffer): void => {
    if (this.#ended) return;
    if (this.#framer.pending === 0 && !this.#writing) this.#since = this.#host.clock.now;
    this.#framer.push(chunk);
    this.#work();
    this.#count();
  };

  /** A connection that takes more than its share is closed, when all together take more than there is. */
  #count(): void {
    const { pending } = this.#framer;
    if (pending === this.#kept || this.#ended) return;
    const fits = this.#host.unfinished.add(pending - this.#kept);
    this.#kept = pending;
    if (!fits && pending > READ_AHEAD_BYTES) this.#break('too-much-unfinished');
  }

  /** Starts to handle the next request, if there is one and none is at work. */
  #work(): void {
    if (this.#ended) return;
    if (this.#handling || this.#waiting !== undefined) {
      if (this.#framer.pending > READ_AHEAD_BYTES) this.#socket.pause();
      return;
    }
    const message = this.#ending === 'handled' ? undefined : this.#nextMessage();
    if (message === undefined) this.#endIfDone();
    else this.#handle(message);
  }

  #handle(message: Buffer): void {
    this.#handling = true;
    if (!this.#asked) {
      this.#asked = true;
      this.#host.active(this);
    }
    this.#host.handle(message, this.peer).then(this.#answered, this.#failed);
  }

  #nextMessage(): Buffer | undefined {
    try {
      return this.#framer.next();
    } catch (error) {
      if (!(error instanceof TtlvError)) throw error;
      void this.#refuse(error);
      return undefined;
    }
  }

  async #refuse(error: TtlvError): Promise<void> {
    this.#ended = true;
    this.#since = this.#host.clock.now;
    if (await this.#host.broken(this, error.code)) this.#end(this.#host.refuse(error, this.peer));
    else this.#socket.destroy();
  }

  readonly #answered = (answer: Buffer | undefined): void => {
    this.#handling = false;
    if (this.#ended) return;
    if (answer === undefined) {
      this.#end();
      return;
    }
    if (this.#writing) this.#waiting = answer;
    else this.#write(answer);
    this.#next();
  };

  readonly #failed = (error: unknown): void => {
    this.#handling = false;
    this.#host.failed(error);
    if (!this.#ended) this.#end();
  };

  #write(answer: Buffer): void {
    this.#writing = true;
    this.#since = this.#host.clock.now;
    process.nextTick(send, this.#socket, answer, this.#written);
  }

  readonly #written = (): void => {
    this.#writing = false;
    this.#since = this.#host.clock.now;
    const answer = this.#waiting;
    if (answer !== undefined) {
      this.#waiting = undefined;
      this.#write(answer);
    }
    this.#next();
  };

  /** After an answer. */
  #next(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#work();
    this.#count();
  }

  #peerEnded(): void {
    if (this.#ended) return;
    if (this.#ending === 'no') this.#ending = 'received';
    this.#work();
    if (this.#ended && this.#framer.pending > 0) void this.#host.broken(this, 'truncated');
  }

  #closed(): void {
    if (!this.#ended && this.#framer.pending > 0) void this.#host.broken(this, 'truncated');
    this.#ended = true;
    this.#release();
    this.#host.closed(this);
  }

  #endIfDone(): void {
    if (this.#ending === 'no' || this.#handling || this.#writing || this.#ended) return;
    this.#ended = true;
    this.#since = this.#host.clock.now;
    this.#socket.destroySoon();
  }

  /** Closes our end. Until the peer closes its own, what it sends is thrown away: a reset could cost it the last answer. */
  #end(last?: Buffer): void {
    this.#ended = true;
    this.#since = this.#host.clock.now;
    process.nextTick(finish, this.#socket, last);
  }

  #release(): void {
    this.#host.unfinished.add(-this.#kept);
    this.#kept = 0;
  }

  #break(reason: string): void {
    this.#ended = true;
    this.#release();
    void this.#host.broken(this, reason).then(() => this.#socket.destroy());
  }
}
