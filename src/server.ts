import { once } from 'node:events';
import { Socket } from 'node:net';
import { loadSettings } from './config/load.ts';
import { createLog, type Log } from './log.ts';
import { PipeControl } from './seal/control-pipe.ts';
import { HandedKeks } from './seal/handed-keks.ts';
import { Frame, Handover, PIPE, type Received, startIn } from './seal/handover.ts';
import { Keyring } from './seal/keyring.ts';
import { SealState } from './seal/state.ts';
import { auditOpener, SwitchedAudit } from './server/audit.ts';
import { loadCode } from './server/code.ts';
import { type Listeners, openListeners } from './server/listeners.ts';
import { openRecords, openRewrap } from './server/records.ts';
import { openStore } from './server/store.ts';
import type { Store } from './store/store.ts';

/**
 * A worker process: waits until its primary knows whether the node is sealed, serves, and finishes what is in flight when it
 * is told to end.
 */
class Worker {
  readonly #settings = loadSettings({}, process.env);
  readonly #number: number;
  readonly #log: Log;
  readonly #pipe = new Socket({ fd: PIPE });
  readonly #handover: Handover;
  readonly #keks: HandedKeks;
  readonly #control: PipeControl;
  readonly #state = new SealState();
  readonly #started = Promise.withResolvers<Received>();
  readonly #serving = Promise.withResolvers<void>();
  #listener: Listeners | undefined;
  #audit: SwitchedAudit | undefined;
  #store: Store | undefined;

  constructor(number: number) {
    this.#number = number;
    this.#log = createLog(this.#settings.logLevel, `worker ${number}`);
    this.#handover = new Handover(this.#pipe, (frame) => this.#received(frame));
    this.#keks = new HandedKeks(this.#handover);
    this.#control = new PipeControl(this.#handover);
    this.#state.seal();
  }

  async run(): Promise<void> {
    // The primary decides for the whole node; signals of a terminal reach every process of the group.
    for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
    // After a bug, connections and process live on.
    process.on('uncaughtException', (err) => this.#log.error({ err }, 'an error was not handled'));
    // Without its primary a worker has nobody to get keys from.
    const ended = Promise.race([once(process, 'SIGTERM'), once(this.#pipe, 'close')]);
    // An error of the pipe says no more than its end.
    this.#pipe.on('error', () => {});
    try {
      await Promise.all([loadCode(), this.#serve(ended)]);
      this.#pipe.end();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** Tells the primary why, and ends. */
  #giveUp(error: unknown): void {
    this.#handover.send(Frame.Failed, 0, error instanceof Error ? error.message : String(error));
    this.#pipe.end(() => process.exit(1));
  }

  async #serve(ended: Promise<unknown>): Promise<void> {
    const begin = await Promise.race([this.#started.promise, ended.then(() => undefined)]);
    if (begin === undefined) return;
    const settings = this.#settings;
    const log = this.#log;
    const state = this.#state;
    const { ticketKeys } = startIn(begin.body);
    const store = await openStore(settings);
    this.#store = store;
    if (begin.kind === Frame.Start) this.#unseal(begin);
    const audit = new SwitchedAudit(await auditOpener(settings, state, log, this.#number));
    const records = await openRecords({ settings, store, state, audit, log });
    const parts = { settings, store, state, audit, log, records, control: this.#control, ticketKeys };
    const listener = await openListeners(parts);
    await listener.listen();
    this.#listener = listener;
    this.#audit = audit;
    this.#handover.send(Frame.Ready);
    this.#serving.resolve();
    // One worker of a node is enough; several nodes do each other no harm.
    const rewrap = this.#number === 1 ? await openRewrap(parts) : undefined;
    rewrap?.start();
    await ended;
    await Promise.all([listener.close(), rewrap?.stop()]);
    audit.close();
    await store.close();
  }

  #unseal({ body }: Received): void {
    if (this.#store === undefined) return;
    const { epoch, installationId } = startIn(body);
    this.#state.unseal(new Keyring(installationId, this.#keks, this.#store), epoch);
  }

  /** The first one begins; a later one says that the keyring was opened while this worker served what it can without. */
  #start(frame: Received): void {
    this.#started.resolve(frame);
    void this.#serving.promise.then(() => this.#unsealWhileServing(frame));
  }

  async #unsealWhileServing(frame: Received): Promise<void> {
    if (this.#state.state === 'unsealed') return;
    try {
      this.#unseal(frame);
      this.#audit?.switchTo(await auditOpener(this.#settings, this.#state, this.#log, this.#number));
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #received(frame: Received): void {
    if (frame.kind === Frame.StartSealed) this.#started.resolve(frame);
    else if (frame.kind === Frame.Start) this.#start(frame);
    else if (frame.kind === Frame.ControlResult || frame.kind === Frame.ControlFailed) this.#control.answer(frame);
    else if (frame.kind === Frame.NotReady) this.#state.complain(frame.body.toString() || undefined);
    else if (frame.kind === Frame.TicketKeys) this.#listener?.setTicketKeys(frame.body);
    else if (frame.kind === Frame.Reload) void this.#reload(frame.body);
    else this.#keks.answer(frame);
  }

  /** Certificates that cannot be used leave the old ones in use. */
  async #reload(ticketKeys: Buffer): Promise<void> {
    this.#reopenAudit();
    try {
      const { readTlsMaterial } = await import('./listeners/tls.ts');
      this.#listener?.reload(readTlsMaterial(this.#settings, ticketKeys));
      this.#log.info({}, 'the certificates were read again');
    } catch (err) {
      this.#listener?.setTicketKeys(ticketKeys);
      this.#log.error({ err }, 'the certificates cannot be read again; the old ones stay in use');
    }
  }

  /** For rotation: the file may have been moved away. Where no other one can be opened, it stays in use. */
  #reopenAudit(): void {
    try {
      this.#audit?.reopen();
    } catch (err) {
      this.#log.error({ err }, 'the audit file cannot be opened again');
    }
  }
}

if (import.meta.main) await new Worker(Number(process.argv[2])).run();
