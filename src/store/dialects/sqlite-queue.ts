import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { KmipError } from '../../errors.ts';
import type { Step, StepResult } from './abilities.ts';
import { type PackedStep, Packer } from './packed.ts';
import { type Answer, errorOf, refusals, resultsOf } from './sqlite-messages.ts';

interface Waiting {
  resolve(results: readonly StepResult[]): void;
  reject(error: unknown): void;
}

/**
 * The event loop's end of the writer thread. One batch is under way; what comes meanwhile, or in the same turn of the
 * loop, is the next one, and is committed together. A thread that dies is replaced.
 */
export class WriteQueue {
  readonly #file: string;
  readonly #packer = new Packer();
  /** Statements by number, and how many of them the thread has been told. */
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  #told = 0;
  #gathering: Waiting[] = [];
  #underWay: readonly Waiting[] | undefined;
  #scheduled = false;
  #thread: Worker | undefined;
  #closed = false;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Starts the thread. Throws `store-unavailable` when the file cannot be written. */
  static async open(file: string): Promise<WriteQueue> {
    const queue = new WriteQueue(file);
    queue.#thread = await queue.#start();
    return queue;
  }

  /** See `Connection.write`. */
  write(steps: readonly Step[]): Promise<readonly StepResult[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new Error('the store is closed');
      this.#packer.add(steps.map((step) => this.#packed(step)));
      this.#gathering.push({ resolve, reject });
      this.#schedule();
    });
  }

  /** Waits for what is under way, and ends the thread. */
  async close(): Promise<void> {
    const written = this.write([]);
    this.#closed = true;
    await written;
    const thread = this.#thread;
    if (thread === undefined) return;
    const exit = once(thread, 'exit');
    thread.postMessage('close');
    await exit;
  }

  #packed({ sql, parameters, otherwise }: Step): PackedStep {
    let statement = this.#numbers.get(sql);
    if (statement === undefined) {
      statement = this.#texts.push(sql) - 1;
      this.#numbers.set(sql, statement);
    }
    return { statement, refusal: refusals.indexOf(otherwise ?? 'none'), parameters };
  }

  /** Lets the turn of the loop end first: whatever else it brings is committed with the same fsync. */
  #schedule(): void {
    if (this.#scheduled || this.#underWay !== undefined || this.#gathering.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    this.#underWay = this.#gathering;
    this.#gathering = [];
    const batch = this.#packer.take();
    try {
      this.#thread ??= await this.#start();
    } catch (error) {
      return this.#settle((one) => one.reject(error));
    }
    const statements = this.#texts.slice(this.#told);
    this.#told = this.#texts.length;
    this.#thread.postMessage({ statements, batch }, [batch]);
  }

  #settle(tell: (one: Waiting, index: number) => void): void {
    const done = this.#underWay ?? [];
    this.#underWay = undefined;
    done.forEach(tell);
    this.#schedule();
  }

  /** A thread that is ready to write. */
  async #start(): Promise<Worker> {
    const program = new URL(`./sqlite-writer${extname(import.meta.filename)}`, import.meta.url);
    const thread = new Worker(program, { name: 'store-writer', workerData: { file: this.#file } });
    let cause: unknown;
    thread.on('error', (error) => {
      cause = error;
    });
    this.#told = 0;
    const [[failure]] = (await once(thread, 'message')) as [readonly Answer[]];
    if (typeof failure === 'object' && 'message' in failure) throw errorOf(failure);
    thread.on('message', (answers: readonly Answer[]) => this.#answered(answers));
    thread.on('exit', () => this.#died(cause));
    return thread;
  }

  #answered(answers: readonly Answer[]): void {
    this.#settle((one, index) => {
      try {
        one.resolve(resultsOf(answers[index] ?? 0));
      } catch (error) {
        one.reject(error);
      }
    });
  }

  /** What was under way may have been written or not: like any commit whose connection broke. */
  #died(cause: unknown): void {
    this.#thread = undefined;
    const error = new KmipError('store-unavailable', 'the writer of the database has ended', { cause });
    if (!this.#closed) this.#settle((one) => one.reject(error));
  }
}
