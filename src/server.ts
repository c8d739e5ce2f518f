import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { Socket } from 'node:net';
import { hostname } from 'node:os';
import type { Authenticator } from './access/authenticate.ts';
import type { AuditEntry } from './audit/entry.ts';
import type { FileAuditWriter } from './audit/file.ts';
import type { AuditWriter } from './audit/writer.ts';
import { loadSettings } from './config/load.ts';
import { type Settings, settingsTable } from './config/settings.ts';
import { Secret } from './crypto/secret.ts';
import { KmipError } from './errors.ts';
import type { Rewrap } from './jobs/rewrap.ts';
import type { KmipExchange } from './listeners/exchange.ts';
import type { HttpListener } from './listeners/http.ts';
import type { KmipListener } from './listeners/kmip.ts';
import type { TlsMaterial } from './listeners/tls.ts';
import { createLog, type Log } from './log.ts';
import type { SealControl, SealName } from './seal/control.ts';
import { PipeControl } from './seal/control-pipe.ts';
import { HandedKeks } from './seal/handed-keks.ts';
import { Frame, Handover, PIPE, type Received, TICKET_KEY_BYTES } from './seal/handover.ts';
import { Keyring } from './seal/keyring.ts';
import type { GenerationKeys } from './seal/keys.ts';
import { PROMPT } from './seal/prompt.ts';
import type { Records } from './seal/records.ts';
import { type RootKeyProvider, SealError } from './seal/root-key.ts';
import { readSecretFile } from './seal/secret-file.ts';
import type { Shares } from './seal/shares.ts';
import { SealState } from './seal/state.ts';
import type { TaggedRecords } from './seal/tagged-records.ts';
import { StartError } from './start-error.ts';
import type { Archive } from './store/archive.ts';
import type { Dialect } from './store/dialects/abilities.ts';
import type { Store } from './store/store.ts';

// What serves, put together. Code is loaded where it is needed: the primary and the commands need little of it.

/** The database that the settings choose. Throws StartError, and AddressError where a URL is not one. */
async function openDialect({ postgresUrl, mysqlUrl, userCertPath, databaseFile }: Settings): Promise<Dialect> {
  const certificate = userCertPath === '' ? undefined : userCertPath;
  if (postgresUrl !== '' && mysqlUrl !== '') {
    throw new StartError(`either ${settingsTable.postgresUrl.env} or ${settingsTable.mysqlUrl.env} can be set`);
  }
  if (postgresUrl !== '') return (await import('./store/dialects/postgres.ts')).postgres(postgresUrl, certificate);
  if (mysqlUrl !== '') return (await import('./store/dialects/mysql.ts')).mysql(mysqlUrl, certificate);
  return (await import('./store/dialects/sqlite.ts')).sqlite(databaseFile);
}

/** Throws StartError where there is no database file; a server is asked when the store is opened. */
export async function requireInstallation({ postgresUrl, mysqlUrl, databaseFile }: Settings): Promise<void> {
  if (postgresUrl !== '' || mysqlUrl !== '') return;
  try {
    await access(databaseFile);
  } catch {
    throw new StartError(`there is no database ${databaseFile}; run \`kleis init\``);
  }
}

/** The database, whose schema `prepareStore` has made. Throws StartError where it cannot be used. */
export async function openStore(settings: Settings): Promise<Store> {
  await requireInstallation(settings);
  const [dialect, knexStore] = await Promise.all([openDialect(settings), import('./store/knex/sql-store.ts')]);
  return knexStore.openStore(dialect).catch(inWords);
}

/** The same database as a whole. Throws as `openStore`. */
export async function openArchive(settings: Settings): Promise<Archive> {
  await requireInstallation(settings);
  const [dialect, knexArchive] = await Promise.all([openDialect(settings), import('./store/knex/archive.ts')]);
  return knexArchive.openArchive(dialect).catch(inWords);
}

/**
 * Makes the database file if there is none, and brings the schema up to date; answers what was lacking.
 * Throws StartError, SchemaError.
 */
export async function prepareStore(settings: Settings): Promise<readonly string[]> {
  const [dialect, { migrate }] = await Promise.all([openDialect(settings), import('./store/knex/migrate.ts')]);
  return migrate(dialect).catch(inWords);
}

/** The database in an operator's words. */
export function databaseName({ postgresUrl, mysqlUrl, databaseFile }: Settings): string {
  if (postgresUrl !== '') return `the database of ${settingsTable.postgresUrl.env}`;
  return mysqlUrl === '' ? databaseFile : `the database of ${settingsTable.mysqlUrl.env}`;
}

/** Tells an operator what clients are not told: the driver's words, which hold no password. */
function inWords(error: unknown): never {
  if (!(error instanceof KmipError && error.error === 'store-unavailable')) throw error;
  const { message, code } = error.cause as { message?: string; code?: string };
  throw new StartError(`the database cannot be used: ${message || code}`, { cause: error });
}

/** The seals, as the settings have them. */
export interface Seals {
  readonly shares: Shares;
  /** A seal that opens by itself. Throws SealError where a setting, a file or the HSM is not as it must be. */
  readonly open: (seal: Exclude<SealName, 'shamir'>) => Promise<RootKeyProvider>;
}

export async function openSeals(settings: Settings): Promise<Seals> {
  const { shamir } = await import('./seal/shamir.ts');
  const openers = { passphrase: openPassphraseSeal, pkcs11: openPkcs11Seal };
  return { shares: shamir, open: (seal) => openers[seal](settings) };
}

async function openPassphraseSeal({ passphraseFile }: Settings): Promise<RootKeyProvider> {
  const { PassphraseSeal, readPassphrase } = await import('./seal/passphrase.ts');
  const origin = passphraseFile === PROMPT ? 'the answer' : passphraseFile;
  return new PassphraseSeal(await readPassphrase(passphraseFile), origin);
}

async function openPkcs11Seal(settings: Settings): Promise<RootKeyProvider> {
  const { pkcs11Library: library, pkcs11Token: token, pkcs11Slot: slot, pkcs11PinFile, pkcs11Key: key } = settings;
  if (library === '' || (token === '' && slot < 0)) {
    const { pkcs11Library, pkcs11Token } = settingsTable;
    throw new SealError(`the seal pkcs11 needs ${pkcs11Library.env} and ${pkcs11Token.env}, or the number of a slot`);
  }
  const { Pkcs11Seal } = await import('./seal/pkcs11.ts');
  const pin = new Secret(await readSecretFile(pkcs11PinFile, 'PIN'));
  return new Pkcs11Seal({ library, token, ...(slot >= 0 && { slot }), pin, key });
}

/**
 * Opens, at once, the audit file of a worker (numbered from 1) or of a command (0): chained with a key of the keyring, or
 * while the node is sealed, without one.
 */
export async function auditOpener(
  settings: Settings,
  state: SealState,
  log: Log,
  worker: number,
): Promise<() => FileAuditWriter> {
  const keys = state.state === 'unsealed' ? await state.keyring.primary() : undefined;
  return openAudit(settings, keys, log, worker);
}

/** The same, with the keys of the primary generation at hand. */
export async function openAudit(
  { auditDir: directory }: Settings,
  keys: Pick<GenerationKeys, 'audit' | 'generation'> | undefined,
  log: Log,
  worker: number,
): Promise<() => FileAuditWriter> {
  const [{ FileAuditWriter }, { hmacChain, plainChain }] = await Promise.all([
    import('./audit/file.ts'),
    import('./audit/chain.ts'),
  ]);
  const sign = keys === undefined ? plainChain : hmacChain(keys.audit);
  return () => new FileAuditWriter({ directory, node: hostname(), worker, sign, generation: keys?.generation, log });
}

/** An audit file that is closed and opened again between two lines when the node is unsealed. */
class SwitchedAudit implements AuditWriter {
  #current: FileAuditWriter;

  constructor(open: () => FileAuditWriter) {
    this.#current = open();
  }

  switchTo(open: () => FileAuditWriter): void {
    this.#current.close();
    this.#current = open();
  }

  append(entry: AuditEntry): void {
    this.#current.append(entry);
  }

  accepted(): Promise<void> {
    return this.#current.accepted();
  }

  reopen(): void {
    this.#current.reopen();
  }

  close(): void {
    this.#current.close();
  }
}

/** What `openRecords` works with. */
export interface RecordsBase {
  readonly settings: Settings;
  readonly store: Store;
  readonly state: SealState;
  readonly audit: AuditWriter;
  readonly log: Log;
}

export async function openRecords({ settings, ...parts }: RecordsBase): Promise<TaggedRecords> {
  const { TaggedRecords } = await import('./seal/tagged-records.ts');
  return new TaggedRecords({ ...parts, maxStaleness: settings.cacheMaxStaleness * 1000 });
}

/** The background re-wrap. Its records are its own, so that those that clients use stay remembered. */
async function openRewrap(parts: RecordsBase): Promise<Rewrap> {
  const [{ Rewrap }, records] = await Promise.all([import('./jobs/rewrap.ts'), openRecords(parts)]);
  return new Rewrap({ ...parts, renew: (id) => records.renew(id) });
}

interface ListenerParts extends RecordsBase {
  readonly records: Records;
  readonly control: SealControl;
  readonly ticketKeys: Buffer;
}

/** What clients of a node connect to, all at once. */
class Listeners {
  readonly #listeners: readonly (KmipListener | HttpListener)[];

  constructor(...listeners: readonly (KmipListener | HttpListener)[]) {
    this.#listeners = listeners;
  }

  async listen(): Promise<void> {
    for (const listener of this.#listeners) await listener.listen();
  }

  setTicketKeys(keys: Buffer): void {
    for (const listener of this.#listeners) listener.setTicketKeys(keys);
  }

  reload(material: TlsMaterial): void {
    for (const listener of this.#listeners) listener.reload(material);
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}

async function openHttpListener({ settings, control, audit, log, ticketKeys }: ListenerParts): Promise<HttpListener> {
  const [{ HttpListener }, { AdminDispatcher }, { readTlsMaterial }] = await Promise.all([
    import('./listeners/http.ts'),
    import('./operations/admin/dispatch.ts'),
    import('./listeners/tls.ts'),
  ]);
  return new HttpListener({
    settings,
    tls: readTlsMaterial(settings, ticketKeys),
    reusePort: settings.workers > 1,
    dispatcher: new AdminDispatcher({ control, audit, now: () => performance.now() / 1000 }),
    log,
  });
}

async function openKmipListener(parts: ListenerParts): Promise<KmipListener> {
  const { settings, log, audit, ticketKeys } = parts;
  const [{ KmipListener, subjectOf }, { readTlsMaterial }, exchange] = await Promise.all([
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
    report: (peer, result, reason) => {
      const who = subjectOf(peer);
      audit.append({ kind: 'connection', who, from: peer.address, operation: 'Connect', result, reason });
    },
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
    import('./jobs/rewrap.ts'),
    import('./listeners/kmip.ts'),
    import('./listeners/tls.ts'),
    import('./listeners/exchange.ts'),
    import('./listeners/http.ts'),
    import('./operations/dispatch.ts'),
    import('./operations/admin/dispatch.ts'),
    import('./operations/table.ts'),
    import('./access/certificate.ts'),
  ]);
}

/** A worker process: waits until its primary knows whether it is sealed, serves, and finishes what is in flight when it is told to end. */
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
    const begin = await Promise.race([this.#started.promise, ended.then(() => undefined)]);
    if (begin === undefined) return;
    const settings = this.#settings;
    const log = this.#log;
    const state = this.#state;
    const ticketKeys = begin.body.subarray(0, TICKET_KEY_BYTES);
    const store = await openStore(settings);
    this.#store = store;
    if (begin.kind === Frame.Start) this.#unseal(begin);
    const audit = new SwitchedAudit(await auditOpener(settings, state, log, this.#number));
    const records = await openRecords({ settings, store, state, audit, log });
    const parts = { settings, store, state, audit, log, records, control: this.#control, ticketKeys };
    const listener = new Listeners(...(await Promise.all([openKmipListener(parts), openHttpListener(parts)])));
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
    const epoch = body.readUInt32BE(TICKET_KEY_BYTES);
    const id = body.toString('utf8', TICKET_KEY_BYTES + 4);
    this.#state.unseal(new Keyring(id, this.#keks, this.#store), epoch);
  }

  /** The first one begins; a later one says that the keyring was opened while this worker served what it can without. */
  #start(frame: Received): void {
    this.#started.resolve(frame);
    void this.#serving.promise.then(() => this.#unsealed(frame));
  }

  async #unsealed(frame: Received): Promise<void> {
    if (this.#state.state === 'unsealed') return;
    try {
      this.#unseal(frame);
      this.#audit?.switchTo(await auditOpener(this.#settings, this.#state, this.#log, this.#number));
    } catch (error) {
      this.#handover.send(Frame.Failed, 0, error instanceof Error ? error.message : String(error));
      this.#pipe.end(() => process.exit(1));
    }
  }

  #received(frame: Received): void {
    if (frame.kind === Frame.StartSealed) this.#started.resolve(frame);
    else if (frame.kind === Frame.Start) this.#start(frame);
    else if (frame.kind === Frame.ControlResult || frame.kind === Frame.ControlFailed) this.#control.answer(frame);
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
