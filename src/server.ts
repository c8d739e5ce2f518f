import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { Socket } from 'node:net';
import { hostname } from 'node:os';
import type { Authenticator } from './access/authenticate.ts';
import type { FileAuditWriter } from './audit/file.ts';
import type { AuditWriter } from './audit/writer.ts';
import { loadSettings } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import type { KmipExchange } from './listeners/exchange.ts';
import type { KmipListener } from './listeners/kmip.ts';
import { createLog, type Log } from './log.ts';
import { HandedKeks } from './seal/handed-keks.ts';
import { Frame, Handover, PIPE, type Received, TICKET_KEY_BYTES } from './seal/handover.ts';
import { Keyring } from './seal/keyring.ts';
import type { Records } from './seal/records.ts';
import type { RootKeyProvider } from './seal/root-key.ts';
import { SealState } from './seal/state.ts';
import { StartError } from './start-error.ts';
import type { Store } from './store/store.ts';

// What serves, put together. Code is loaded where it is needed: the primary and the commands need little of it.

/** Throws StartError where there is no database. */
export async function requireInstallation({ databaseFile }: Settings): Promise<void> {
  try {
    await access(databaseFile);
  } catch {
    throw new StartError(`there is no database ${databaseFile}; run \`kleis init\``);
  }
}

/** The database, whose schema `prepareStore` has made. */
export async function openStore(settings: Settings): Promise<Store> {
  await requireInstallation(settings);
  const [{ sqlite }, knexStore] = await Promise.all([
    import('./store/dialects/sqlite.ts'),
    import('./store/knex/sql-store.ts'),
  ]);
  return knexStore.openStore(sqlite(settings.databaseFile));
}

/** Makes the database if there is none, and brings its schema up to date. */
export async function prepareStore({ databaseFile }: Settings): Promise<void> {
  const [{ sqlite }, { migrate }] = await Promise.all([
    import('./store/dialects/sqlite.ts'),
    import('./store/knex/migrate.ts'),
  ]);
  await migrate(sqlite(databaseFile));
}

/** The seal that the settings choose. Throws SealError where the passphrase file is not as it must be. */
export async function openSeal({ passphraseFile }: Settings): Promise<RootKeyProvider> {
  const { PassphraseSeal, readPassphrase } = await import('./seal/passphrase.ts');
  return new PassphraseSeal(await readPassphrase(passphraseFile), passphraseFile);
}

/** The audit file of a worker (numbered from 1) or of a command (0), chained with a key of the keyring. */
export async function openAudit(
  settings: Settings,
  state: SealState,
  log: Log,
  worker: number,
): Promise<FileAuditWriter> {
  const [{ FileAuditWriter }, { hmacChain }, keys] = await Promise.all([
    import('./audit/file.ts'),
    import('./audit/chain.ts'),
    state.keyring.primary(),
  ]);
  return new FileAuditWriter({
    directory: settings.auditDir,
    node: hostname(),
    worker,
    sign: hmacChain(keys.audit),
    log,
  });
}

/** What `openRecords` works with. */
export interface RecordsBase {
  readonly settings: Settings;
  readonly store: Store;
  readonly state: SealState;
  readonly audit: AuditWriter;
  readonly log: Log;
}

export async function openRecords({ settings, ...parts }: RecordsBase): Promise<Records> {
  const { TaggedRecords } = await import('./seal/tagged-records.ts');
  return new TaggedRecords({ ...parts, maxStaleness: settings.cacheMaxStaleness * 1000 });
}

interface ListenerParts extends RecordsBase {
  readonly records: Records;
  readonly ticketKeys: Buffer;
}

async function openListener(parts: ListenerParts): Promise<KmipListener> {
  const { settings, log, audit, ticketKeys } = parts;
  const [{ KmipListener }, { readTlsMaterial }, exchange] = await Promise.all([
    import('./listeners/kmip.ts'),
    import('./listeners/tls.ts'),
    openExchange(parts),
  ]);
  return new KmipListener({
    settings,
    tls: readTlsMaterial(settings, ticketKeys),
    reusePort: settings.workers > 1,
    handle: (message, peer) => exchange.answer(message, peer),
    refuse: (error) => exchange.refuse(error),
    report: ({ address: from }, result, reason) =>
      audit.append({ kind: 'connection', who: undefined, from, operation: 'Connect', result, reason, correlation: '' }),
    log,
  });
}

async function openExchange({ settings, state, audit, log, records }: ListenerParts): Promise<KmipExchange> {
  const [{ KmipExchange }, { Dispatcher }, { operationByCode }, authenticator] = await Promise.all([
    import('./listeners/exchange.ts'),
    import('./operations/dispatch.ts'),
    import('./operations/table.ts'),
    openAuthenticator(settings),
  ]);
  const clock = () => Math.floor(Date.now() / 1000);
  const dispatcher = new Dispatcher({ records, settings, audit, sealed: () => state.state !== 'unsealed', clock });
  state.onSeal(() => dispatcher.streams.clear());
  return new KmipExchange({
    operations: operationByCode,
    limits: {
      bytes: settings.maxMessageBytes,
      depth: settings.maxMessageDepth,
      items: settings.maxMessageItems,
      batchCount: settings.maxBatchCount,
    },
    authenticator,
    dispatcher,
    log,
    clock,
  });
}

/** Who asks: told by the client's certificate; the one user `admin` where authentication is off. */
async function openAuthenticator({ authentication, userFrom }: Settings): Promise<Authenticator> {
  if (!authentication) return { authenticate: async () => ({ name: 'admin', groups: [] }) };
  const { CertificateAuthenticator } = await import('./access/certificate.ts');
  return new CertificateAuthenticator(userFrom);
}

/** Everything that a worker needs once it is unsealed, loaded while it waits for that. */
export async function loadCode(): Promise<void> {
  await Promise.all([
    import('./store/dialects/sqlite.ts'),
    import('./store/knex/sql-store.ts'),
    import('./audit/file.ts'),
    import('./audit/chain.ts'),
    import('./seal/tagged-records.ts'),
    import('./listeners/kmip.ts'),
    import('./listeners/tls.ts'),
    import('./listeners/exchange.ts'),
    import('./operations/dispatch.ts'),
    import('./operations/table.ts'),
    import('./access/certificate.ts'),
  ]);
}

/** A worker process: waits until its primary is unsealed, serves, and finishes what is in flight when it is told to end. */
class Worker {
  readonly #settings = loadSettings({}, process.env);
  readonly #number: number;
  readonly #log: Log;
  readonly #pipe = new Socket({ fd: PIPE });
  readonly #handover: Handover;
  readonly #keks: HandedKeks;
  readonly #started = Promise.withResolvers<Buffer>();
  #listener: KmipListener | undefined;
  #audit: FileAuditWriter | undefined;

  constructor(number: number) {
    this.#number = number;
    this.#log = createLog(this.#settings.logLevel, `worker ${number}`);
    this.#handover = new Handover(this.#pipe, (frame) => this.#received(frame));
    this.#keks = new HandedKeks(this.#handover);
  }

  async run(): Promise<void> {
    // The primary decides for the whole node; signals of a terminal reach every process of the group.
    for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
    // After a bug, connections and process live on.
    process.on('uncaughtException', (err) => this.#log.error({ err }, 'an error was not handled'));
    // Without its primary a worker has nobody to get keys from.
    const ended = Promise.race([once(process, 'SIGTERM'), once(this.#pipe, 'close')]);
    // The end of the pipe is awaited below; an error before it says no more.
    this.#pipe.on('error', () => {});
    try {
      await Promise.all([loadCode(), this.#serve(ended)]);
      this.#pipe.end();
    } catch (error) {
      this.#handover.send(Frame.Failed, 0, error instanceof Error ? error.message : String(error));
      this.#pipe.end(() => process.exit(1));
    }
  }

  async #serve(ended: Promise<unknown>): Promise<void> {
    const begin = await Promise.race([this.#started.promise, ended]);
    if (!Buffer.isBuffer(begin)) return;
    const settings = this.#settings;
    const log = this.#log;
    const ticketKeys = begin.subarray(0, TICKET_KEY_BYTES);
    const store = await openStore(settings);
    const state = new SealState();
    state.unseal(new Keyring(begin.toString('utf8', TICKET_KEY_BYTES), this.#keks, store));
    const audit = await openAudit(settings, state, log, this.#number);
    const records = await openRecords({ settings, store, state, audit, log });
    const listener = await openListener({ settings, store, state, audit, log, records, ticketKeys });
    await listener.listen();
    this.#listener = listener;
    this.#audit = audit;
    this.#handover.send(Frame.Ready);
    await ended;
    await listener.close();
    audit.close();
    await store.close();
  }

  #received(frame: Received): void {
    if (frame.kind === Frame.Start) this.#started.resolve(frame.body);
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
