import { KmipError } from '../../errors.ts';
import { unavailable } from './failures.ts';
import type { Server, Session } from './session.ts';

/** How many connections a process has at most, and how it waits. */
export interface PoolLimits {
  readonly sessions: number;
  /** Milliseconds to wait for a free connection; and those for which a caller may keep one. */
  readonly patience: number;
  /** Milliseconds after which a connection without work is given up. */
  readonly idle: number;
}

interface Idle {
  readonly session: Session;
  readonly since: number;
}

/** Somebody who waits; gets a session, or undefined where there is room for a new one. */
type Waiting = (session: Session | undefined) => void;

/** Connections to a database server, made when they are needed, kept while they are in use, replaced when they are lost. */
export class Pool {
  readonly #server: Server;
  readonly #limits: PoolLimits;
  readonly #idle: Idle[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #sweeper: NodeJS.Timeout;
  /** Connections there are, and those being made. */
  #count = 0;
  #closed = false;
  #emptied: (() => void) | undefined;

  constructor(server: Server, limits: PoolLimits) {
    this.#server = server;
    this.#limits = limits;
    this.#sweeper = setInterval(() => this.#sweep(), limits.idle / 2).unref();
  }

  /**
   * Lets `work` have a connection. It is broken, and the work fails, where that takes too long. Throws `store-unavailable`
   * where there is no connection to be had, or in time; else what the work throws.
   */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#acquire();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      session.abort();
    }, this.#limits.patience);
    try {
      return await work(session);
    } catch (error) {
      throw late ? unavailable(new Error('the database did not answer in time', { cause: error })) : error;
    } finally {
      clearTimeout(timer);
      this.#release(session);
    }
  }

  /** Waits for what is under way, and takes leave of the server. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeper);
    for (const { session } of this.#idle.splice(0)) this.#drop(session);
    if (this.#count > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
  }

  async #acquire(): Promise<Session> {
    for (;;) {
      if (this.#closed) throw new Error('the store is closed');
      const session = this.#idle.pop()?.session;
      if (session?.usable) return session;
      if (session !== undefined) this.#drop(session);
      else {
        const handed = this.#count < this.#limits.sessions ? await this.#open() : await this.#turn();
        if (handed !== undefined) return handed;
      }
    }
  }

  async #open(): Promise<Session> {
    this.#count += 1;
    try {
      return await this.#server.connect();
    } catch (error) {
      this.#gone();
      throw unavailable(error);
    }
  }

  /** A session that somebody gives back, or undefined when there is room for another one. */
  #turn(): Promise<Session | undefined> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = (session) => {
        clearTimeout(timer);
        resolve(session);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(new KmipError('store-unavailable', 'the database has too much to do'));
      }, this.#limits.patience);
      this.#waiting.push(waiting);
    });
  }

  #release(session: Session): void {
    const keeps = session.usable && !this.#closed;
    const next = keeps ? this.#waiting.shift() : undefined;
    if (!keeps) this.#drop(session);
    else if (next !== undefined) next(session);
    else this.#idle.push({ session, since: performance.now() });
  }

  #drop(session: Session): void {
    void session.end().then(() => this.#gone());
  }

  #gone(): void {
    this.#count -= 1;
    this.#waiting.shift()?.(undefined);
    if (this.#count === 0) this.#emptied?.();
  }

  /** The longest unused come first. */
  #sweep(): void {
    const oldest = performance.now() - this.#limits.idle;
    while ((this.#idle[0]?.since ?? oldest) < oldest) {
      const idle = this.#idle.shift();
      if (idle !== undefined) this.#drop(idle.session);
    }
  }
}
