import process from 'node:process';

/** Lets at most `limit` tasks run at a time; the others wait in the order of their arrival. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs the task once there is room; settles as the task does. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resume) => this.#waiting.push(resume));
    else this.#running += 1;
    try {
      return await task();
    } finally {
      // The place is handed to the next one, or given up: a newcomer cannot take it in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

/** The threads of libuv, which file system and DNS calls share with cryptography. */
const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);

const slow = new Limiter(Math.max(1, threads - 2));

/**
 * Runs a task that keeps a thread of libuv's pool busy for long: key generation, RSA private keys, PBKDF2. Two threads
 * always remain for what is short.
 */
export function inThreadPool<T>(task: () => Promise<T>): Promise<T> {
  return slow.run(task);
}
