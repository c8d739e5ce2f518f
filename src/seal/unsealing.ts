import type { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { InstallationRow, Store, WrappedRootKey } from '../store/store.ts';
import type { Refused, SealName, SealStatus } from './control.ts';
import { Generations } from './generations.ts';
import { checkInstallation, requireWhole, sharedRootKey } from './installation-row.ts';
import { type RootKeyProvider, SealError } from './root-key.ts';
import { openAutomatic, type Seals } from './seals.ts';
import { ShareCollection, type ShareCollectionParts } from './share-collection.ts';

export interface UnsealingParts extends Seals, Pick<ShareCollectionParts, 'patience'> {
  readonly store: Store;
  /** Called before the keyring is used, once it has opened. Throws in words where the node must not serve. */
  readonly approve: () => Promise<void>;
  /** Why the node is not ready though it is unsealed, in words. */
  readonly complaint?: () => string | undefined;
  readonly unsealed: () => void;
  /** The root key is gone; whoever has keys of the keyring must go, too. */
  readonly sealed: () => void;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}

/**
 * Whether a node is sealed: takes shares until the keyring opens, and closes it when that is asked for, here or on another
 * node. Calls must not overlap: see NodeSeal.
 */
export class Unsealing {
  readonly #parts: UnsealingParts;
  readonly #collection: ShareCollection;
  #generations: Generations | undefined;
  /** The seal as the database last said. */
  #seal: SealName | undefined;
  /** Why the node is sealed, where it is more than that shares are missing. */
  #reason: string | undefined;
  #epoch = 0;

  constructor(parts: UnsealingParts) {
    this.#parts = parts;
    this.#collection = new ShareCollection({ ...parts, expired: () => this.#expired() });
  }

  /** The keyring while it is open. */
  get generations(): Generations | undefined {
    return this.#generations;
  }

  /** How often all nodes had been sealed when this one was unsealed. */
  get epoch(): number {
    return this.#epoch;
  }

  get status(): Omit<SealStatus, 'operation'> {
    const seal = this.#seal;
    const { count: cnt, required } = this.#collection;
    if (seal === undefined) return { state: 'uninitialised', seal, cnt: 0, required: 0, reason: undefined };
    if (this.#generations !== undefined) {
      return { state: 'unsealed', seal, cnt: 0, required, reason: this.#parts.complaint?.() };
    }
    return { state: 'sealed', seal, cnt, required, reason: this.#reason ?? `${cnt} of ${required} shares` };
  }

  /** Opens a seal that opens by itself; has others wait for shares. Throws SealError where it does not open, and has no shares. */
  async start(): Promise<void> {
    const installation = await this.installation();
    if (installation.seal === 'shamir') return void this.#collection.begin(installation);
    try {
      await this.#openBySetting(installation);
    } catch (error) {
      if (!(error instanceof SealError) || installation.recovery === null) throw error;
      this.#reason = `${error.message}; recovery shares are taken`;
      this.#parts.log.error({ alarm: true }, this.#reason);
      this.#collection.begin(installation);
    }
  }

  /**
   * Takes shares, and opens the keyring once they are complete; without any, tries again a seal that opens by itself. Where
   * the keyring does not open, the status says why. Throws `wrong-state` where there is nothing to be opened, or not so.
   */
  async give(shares: readonly Secret[]): Promise<Refused> {
    await this.heedEpoch();
    if (this.#generations !== undefined) throw new KmipError('wrong-state', 'the node is unsealed already');
    const installation = await this.installation();
    const refused = shares.length === 0 ? await this.#tryAgain(installation) : await this.#take(installation, shares);
    if (this.#generations !== undefined) this.#parts.log.info({ seal: this.#seal }, 'the node is unsealed');
    return refused;
  }

  /**
   * The keyring, once the row of the installation was looked at again. Undefined where the node is sealed, if only now, as
   * another one has replaced the root key, or all were sealed. Throws SealError where somebody without the root key has
   * changed the row.
   */
  async present(): Promise<Generations | undefined> {
    await this.heedEpoch();
    const generations = this.#generations;
    if (generations === undefined) return undefined;
    try {
      await generations.refresh();
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      await this.follow(generations, error).catch((cause) => this.#unlessSealed(cause));
    }
    return this.#generations;
  }

  /**
   * The keyring did not open with `generations`: where somebody has replaced the root key, the seal is opened again. Throws
   * `error` where nobody has, and SealError where the new one does not open; the node is sealed then.
   */
  async follow(generations: Generations, error: SealError): Promise<void> {
    if (this.#generations !== generations) return;
    const installation = await this.installation();
    if (installation.revision === generations.installation.revision) throw error;
    try {
      await this.#openBySetting(installation);
    } catch (cause) {
      if (!(cause instanceof SealError)) throw cause;
      this.seal('another node has replaced the root key');
      this.#reason = 'another node has replaced the root key: this one has to be unsealed again';
      throw new SealError(this.#reason, { cause });
    }
  }

  /** Whether all nodes were told to be sealed since this one was unsealed. */
  async isEpochOver(): Promise<boolean> {
    return this.#generations !== undefined && (await this.#parts.store.sealEpoch()) !== this.#epoch;
  }

  /** Seals the node then. */
  async heedEpoch(): Promise<void> {
    if (await this.isEpochOver()) this.seal('all nodes were sealed');
  }

  /** Closes the keyring, if it is open, and waits for shares again. */
  seal(reason: string): void {
    if (this.#generations === undefined) return;
    const { installation } = this.#generations;
    this.wipe();
    this.#collection.begin(installation);
    this.#reason = installation.seal === 'shamir' ? undefined : reason;
    this.#parts.log.info({ reason }, 'the node is sealed');
    this.#parts.sealed();
  }

  /** Wipes what is secret. */
  wipe(): void {
    this.#collection.forget();
    this.#generations?.close();
    this.#generations = undefined;
  }

  /** The row as it is now, of which the status speaks from here on. Throws SealError where there is none, or but a part of one. */
  async installation(): Promise<InstallationRow> {
    const installation = requireWhole(await this.#parts.store.installation());
    this.#seal = installation.seal as SealName;
    return installation;
  }

  async #take(installation: InstallationRow, shares: readonly Secret[]): Promise<Refused> {
    if (!this.#collection.begin(installation)) {
      throw new KmipError('wrong-state', `the seal ${installation.seal} opens by itself, and has no recovery shares`);
    }
    const refused = this.#collection.take(shares);
    if (refused.length < shares.length) this.#reason = undefined;
    if (this.#collection.isComplete) await this.#orSaysWhy(this.#openByShares(installation));
    return refused;
  }

  async #tryAgain(installation: InstallationRow): Promise<Refused> {
    if (installation.seal !== 'shamir') await this.#orSaysWhy(this.#openBySetting(installation));
    return [];
  }

  /** The node stays sealed where the seal does not open. */
  async #orSaysWhy(opening: Promise<void>): Promise<void> {
    try {
      await opening;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      this.#reason = error.message;
      this.#parts.log.error({ alarm: true }, `the seal did not open: ${error.message}`);
    }
  }

  #openBySetting(installation: InstallationRow): Promise<void> {
    return this.#open(installation, installation, () => openAutomatic(this.#parts, installation.seal));
  }

  async #openByShares(installation: InstallationRow): Promise<void> {
    const sealed = sharedRootKey(installation);
    if (sealed !== undefined) await this.#open(installation, sealed, () => this.#collection.combine());
  }

  async #open(
    installation: InstallationRow,
    { parameters, wrapped }: WrappedRootKey,
    provider: () => Promise<RootKeyProvider>,
  ): Promise<void> {
    // Before the root key is asked for: who seals all nodes while this one opens, seals this one.
    const epoch = await this.#parts.store.sealEpoch();
    const seal = await provider();
    try {
      const rootKey = await seal.unwrap({ id: installation.id, parameters, wrapped });
      this.#opened(await this.#approved(installation, rootKey), epoch);
    } finally {
      seal.close();
    }
  }

  /** Takes the root key over. Throws SealError where the row or the keyring is not of it. */
  async #approved(installation: InstallationRow, rootKey: Secret): Promise<Generations> {
    const generations = new Generations(this.#parts.store, installation, rootKey);
    try {
      checkInstallation(rootKey, installation);
      await generations.check();
      await this.#parts.approve();
      return generations;
    } catch (error) {
      generations.close();
      throw error;
    }
  }

  /** A node that opens again is as it was. */
  #opened(generations: Generations, epoch: number): void {
    const first = this.#generations === undefined;
    this.wipe();
    this.#generations = generations;
    this.#reason = undefined;
    if (!first) return;
    this.#epoch = epoch;
    this.#parts.unsealed();
  }

  #expired(): void {
    this.#reason = undefined;
    this.#parts.log.warn({}, 'the shares for unsealing were not completed in time, and are forgotten');
  }

  #unlessSealed(error: unknown): void {
    if (error instanceof SealError && this.#generations === undefined) return;
    if (error instanceof SealError) this.#parts.log.error({ alarm: true }, error.message);
    throw error;
  }
}
