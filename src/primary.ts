import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Settings, settingsTable } from './config/settings.ts';
import { Secret } from './crypto/secret.ts';
import { createLog, type Log } from './log.ts';
import { ClockWatch, clocksDiffer } from './seal/clock-watch.ts';
import type { SealStatus } from './seal/control.ts';
import { answerControl } from './seal/control-pipe.ts';
import { Frame, type Handover, kekBody, type Received, startBody, TICKET_KEY_BYTES } from './seal/handover.ts';
import type { Kek } from './seal/keys.ts';
import { NodeSeal } from './seal/node-seal.ts';
import { SealError } from './seal/root-key.ts';
import { openSeals } from './server/seals.ts';
import { openStore, prepareStore, requireInstallation } from './server/store.ts';
import { StartError } from './start-error.ts';
import type { Store } from './store/store.ts';
import { Workers } from './workers.ts';

const TICKET_LIFE_MS = 4 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** How often the primary looks whether all nodes were told to be sealed; workers look with every request. */
const EPOCH_MS = 1000;
/** How often the primary looks for generations that no object is of any more. */
const RETIRE_MS = 60_000;
/** How often the primary compares its clock with the database's. */
const CLOCK_MS = 1000;

/** Platforms on which several processes can listen on one port, each with its own queue. */
const sharingPlatforms: readonly string[] = ['linux', 'freebsd', 'dragonfly', 'sunos', 'aix'];

/**
 * Runs a node until it is told to end (SIGTERM, SIGINT), and resolves then. SIGHUP has the certificates read again.
 * `ready` is called once clients can connect, to a node that may be sealed. Throws StartError and SealError in words.
 */
export async function serve(settings: Settings, ready: (status: SealStatus) => void): Promise<void> {
  await new Primary(settings).run(ready);
}

/**
 * The process that owns the seal, the ticket keys and the workers' lives. It takes no client's bytes; the root key is
 * here alone, and workers get key encryption keys over the pipe that each of them inherits.
 */
class Primary {
  readonly #settings: Settings;
  readonly #log: Log;
  readonly #workers: Workers;
  #ticketKeys = new Secret(randomBytes(TICKET_KEY_BYTES));
  /** There once it is known whether the seal opens by itself. */
  #seal: NodeSeal | undefined;
  #clock: ClockWatch | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#log = createLog(settings.logLevel, 'primary');
    this.#workers = new Workers({
      settings,
      count: this.#workerCount(),
      log: this.#log,
      begun: (handover) => this.#greet(handover),
      received: (handover, frame) => void this.#received(handover, frame),
    });
  }

  async run(ready: (status: SealStatus) => void): Promise<void> {
    const stop = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    process.on('SIGHUP', () => this.#renewTicketKeys(Frame.Reload));
    await requireInstallation(this.#settings);
    await requireFreePort(this.#settings, 'kmipPort');
    await requireFreePort(this.#settings, 'httpPort');
    // The workers load their code while the passphrase is stretched.
    const started = this.#workers.start();
    const opening = this.#open();
    try {
      await Promise.race([stop, Promise.all([started, opening]).then(() => this.#serve(stop, ready))]);
    } finally {
      await this.#workers.stop();
      const store = await opening.catch(() => undefined);
      this.#seal?.close();
      this.#ticketKeys.wipe();
      await store?.close();
    }
  }

  async #serve(stop: Promise<unknown>, ready: (status: SealStatus) => void): Promise<void> {
    const timers = [
      setInterval(() => this.#renewTicketKeys(Frame.TicketKeys), TICKET_LIFE_MS),
      setInterval(() => void this.#renewKek(), DAY_MS),
      setInterval(() => void this.#heedEpoch(), EPOCH_MS),
      setInterval(() => void this.#lookAtClock(), CLOCK_MS),
      setInterval(() => void this.#retireKeks(), RETIRE_MS),
    ];
    if (this.#seal !== undefined) ready(await this.#seal.status());
    await this.#renewKek();
    await this.#retireKeks();
    await stop;
    for (const timer of timers) clearInterval(timer);
  }

  async #open(): Promise<Store> {
    await prepareStore(this.#settings);
    const store = await openStore(this.#settings);
    const clock = new ClockWatch({
      store,
      log: this.#log,
      changed: () => this.#workers.each((one) => this.#tellReady(one)),
    });
    const seal = new NodeSeal({
      store,
      ...(await openSeals(this.#settings)),
      patience: this.#settings.shareTimeout * 1000,
      approve: () => requireSameTime(store),
      complaint: () => clock.complaint,
      unsealed: () => this.#greetAll(),
      sealed: () => this.#workers.replace(),
      log: this.#log,
    });
    try {
      await seal.start();
    } catch (error) {
      await store.close();
      throw error;
    }
    this.#seal = seal;
    this.#clock = clock;
    this.#greetAll();
    return store;
  }

  #greetAll(): void {
    this.#workers.each((handover) => this.#greet(handover));
  }

  #greet(handover: Handover): void {
    if (this.#seal === undefined) return;
    const { isUnsealed, epoch } = this.#seal;
    const installationId = isUnsealed ? this.#seal.generations.installation.id : '';
    const body = startBody({ ticketKeys: this.#ticketKeys.expose(), epoch, installationId });
    handover.send(isUnsealed ? Frame.Start : Frame.StartSealed, 0, body);
    this.#tellReady(handover);
  }

  #tellReady(handover: Handover): void {
    handover.send(Frame.NotReady, 0, this.#clock?.complaint ?? '');
  }

  #renewTicketKeys(kind: typeof Frame.TicketKeys | typeof Frame.Reload): void {
    this.#ticketKeys.wipe();
    this.#ticketKeys = new Secret(randomBytes(TICKET_KEY_BYTES));
    this.#workers.each((handover) => handover.send(kind, 0, Buffer.from(this.#ticketKeys.expose())));
  }

  /** Workers learn of a new generation with their next write. */
  async #renewKek(): Promise<void> {
    const days = this.#settings.kekMaxAge;
    if (days === 0 || this.#seal?.isUnsealed !== true) return;
    try {
      await this.#seal.generations.renew((days * DAY_MS) / 1000);
    } catch (err) {
      this.#log.error({ err }, 'a new key encryption key is due and could not be made');
    }
  }

  /** Workers seal anew what is under earlier generations. */
  async #retireKeks(): Promise<void> {
    if (this.#seal?.isUnsealed !== true) return;
    try {
      const generations = await this.#seal.generations.retire();
      if (generations.length > 0)
        this.#log.info({ generations }, 'generations that seal nothing any more were retired');
    } catch (err) {
      this.#log.warn({ err }, 'generations that seal nothing any more could not be retired');
    }
  }

  async #heedEpoch(): Promise<void> {
    try {
      await this.#seal?.heedEpoch();
    } catch (err) {
      this.#log.warn({ err }, 'the database does not tell whether all nodes are to be sealed');
    }
  }

  async #lookAtClock(): Promise<void> {
    try {
      await this.#clock?.look();
    } catch (err) {
      this.#log.warn({ err }, 'the database does not tell the time');
    }
  }

  #received(handover: Handover, frame: Received): Promise<void> {
    if (frame.kind !== Frame.Control || this.#seal === undefined) return this.#answer(handover, frame);
    return answerControl(this.#seal, handover, frame);
  }

  async #answer(handover: Handover, { kind, request, body }: Received): Promise<void> {
    try {
      const kek = await this.#kek(kind, body.readUInt32BE(0));
      if (kek === undefined) handover.send(Frame.NoSuchGeneration, request);
      else handover.send(Frame.Kek, request, kekBody(kek));
    } catch (error) {
      this.#log.error(
        { err: error, alarm: error instanceof SealError && this.#seal?.isUnsealed === true },
        'the keyring does not open',
      );
      handover.send(Frame.Refused, request, error instanceof Error ? error.message : 'unknown reason');
    }
  }

  async #kek(kind: number, number: number): Promise<Kek | undefined> {
    if (this.#seal === undefined) throw new SealError('the node is sealed');
    return this.#seal.kek((generations) => {
      if (kind === Frame.WantGeneration) return generations.generation(number);
      return generations.primary(number === 0 ? undefined : number);
    });
  }

  #workerCount(): number {
    const { workers } = this.#settings;
    if (workers === 1 || sharingPlatforms.includes(process.platform)) return workers;
    this.#log.warn({ workers }, 'on this platform one process serves');
    return 1;
  }
}

async function requireSameTime(store: Store): Promise<void> {
  const complaint = await clocksDiffer(store);
  if (complaint !== undefined) throw new SealError(complaint);
}

/**
 * Workers share the port; so that two servers do not, whoever starts tries it alone first.
 * Throws StartError where somebody else listens.
 */
async function requireFreePort(settings: Settings, name: 'kmipPort' | 'httpPort'): Promise<void> {
  const { hostname, [name]: port } = settings;
  const probe = createServer();
  probe.listen({ host: hostname, port });
  try {
    await once(probe, 'listening');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`cannot listen on ${hostname}:${port} (${settingsTable[name].env}): ${reason}`);
  }
  probe.close();
  await once(probe, 'close');
}
