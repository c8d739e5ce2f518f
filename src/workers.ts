import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { environmentOf } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import type { Log } from './log.ts';
import { Frame, Handover, PIPE, type Received } from './seal/handover.ts';
import { StartError } from './start-error.ts';

/** What workers are started with, and whom they tell. */
export interface WorkersOptions {
  readonly settings: Settings;
  readonly count: number;
  readonly log: Log;
  /** A worker process began, at start or in the place of one that died. */
  readonly begun: (handover: Handover) => void;
  /** A worker asks for something. */
  readonly received: (handover: Handover, frame: Received) => void;
}

interface Running {
  readonly number: number;
  readonly process: ChildProcess;
  readonly handover: Handover;
  readonly since: number;
  ready: boolean;
  /** It was told to end, for another one to take its place. */
  leaving: boolean;
  /** Why it could not start, in its own words. */
  reason: string | undefined;
}

/** The entry of a worker, beside this file: TypeScript in a checkout, JavaScript in the package. */
const entry = fileURLToPath(new URL(import.meta.url.replace(/workers(?=\.\w+$)/, 'server')));

/**
 * For workers. bin/kleis has the C library overwrite what is freed; that would make them slow, and the kernel takes all of
 * their memory when the node is sealed.
 */
const fastTunables = (process.env['GLIBC_TUNABLES'] ?? '').replace(
  /^glibc\.malloc\.perturb=165:glibc\.malloc\.tcache_count=0:?/,
  '',
);

/** A worker that served for so long is started again at once; else the pause doubles. */
const STEADY_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** Longer than a worker takes to finish what is in flight. */
const LAST_WORD_MS = 30_000;

/** The worker processes of a node: started, watched, started again when one dies, and ended together. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #running = new Set<Running>();
  readonly #pauses = new Map<number, number>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #started = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #hasStarted = false;
  #stopping = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** Starts all workers. Resolves once every one of them serves; rejects with StartError when one cannot. */
  start(): Promise<void> {
    for (let number = 1; number <= this.#options.count; number += 1) this.#begin(number);
    return this.#started.promise;
  }

  /** Calls `send` for every worker that is to stay. */
  each(send: (handover: Handover) => void): void {
    for (const { handover, leaving } of this.#running) if (!leaving) send(handover);
  }

  /** Has every worker finish what is in flight and end; others take their places. */
  replace(): void {
    for (const worker of this.#running) {
      worker.leaving = true;
      worker.process.kill('SIGTERM');
      setTimeout(() => this.#kill(worker), LAST_WORD_MS).unref();
    }
  }

  /** Has every worker finish what is in flight, and waits for their ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    if (this.#running.size === 0) return;
    for (const worker of this.#running) worker.process.kill('SIGTERM');
    const timer = setTimeout(() => {
      for (const worker of this.#running) this.#kill(worker);
    }, LAST_WORD_MS);
    await this.#ended.promise;
    clearTimeout(timer);
  }

  #begin(number: number): void {
    const { settings, begun } = this.#options;
    const child = spawn(process.execPath, [...process.execArgv, entry, String(number)], {
      env: { ...process.env, ...environmentOf(settings), GLIBC_TUNABLES: fastTunables },
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    const pipe = child.stdio[PIPE] as Duplex;
    // The end of a worker is told by its exit.
    pipe.on('error', () => {});
    const handover = new Handover(pipe, (frame) => this.#received(worker, frame));
    const since = performance.now();
    const worker: Running = {
      number,
      process: child,
      handover,
      since,
      ready: false,
      leaving: false,
      reason: undefined,
    };
    this.#running.add(worker);
    child.once('error', (error) => this.#exited(worker, error.message));
    child.once('exit', (code, signal) => this.#exited(worker, signal ?? `exit code ${code}`));
    handover.begin();
    begun(handover);
  }

  #received(worker: Running, frame: Received): void {
    if (frame.kind === Frame.Failed) worker.reason = frame.body.toString();
    else if (frame.kind === Frame.Ready) this.#serves(worker);
    else this.#options.received(worker.handover, frame);
  }

  #serves(worker: Running): void {
    worker.ready = true;
    if ([...this.#running].every(({ ready }) => ready) && this.#running.size === this.#options.count) {
      this.#hasStarted = true;
      this.#started.resolve();
    }
  }

  #exited(worker: Running, how: string): void {
    if (!this.#running.delete(worker)) return;
    worker.handover.end();
    if (this.#stopping) {
      if (this.#running.size === 0) this.#ended.resolve();
      return;
    }
    if (worker.leaving) {
      this.#begin(worker.number);
      return;
    }
    const reason = worker.reason ?? `worker ${worker.number} ended: ${how}`;
    if (!this.#hasStarted) this.#started.reject(new StartError(reason));
    else this.#again(worker, reason);
  }

  #again({ number, since }: Running, reason: string): void {
    const steady = performance.now() - since > STEADY_MS;
    const pause = steady ? 0 : (this.#pauses.get(number) ?? 0);
    this.#pauses.set(number, Math.min(Math.max(FIRST_PAUSE_MS, pause * 2), LONGEST_PAUSE_MS));
    this.#options.log.error({ worker: number, reason, pause }, 'a worker died; another one takes its place');
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      this.#begin(number);
    }, pause);
    this.#restarts.add(timer);
  }

  #kill(worker: Running): void {
    if (!this.#running.has(worker)) return;
    this.#options.log.error({ worker: worker.number }, 'a worker did not end in time and is killed');
    worker.process.kill('SIGKILL');
  }
}
