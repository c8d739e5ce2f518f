import type { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';
import type { Log } from '../log.ts';
import { RESTORING } from '../store/archive.ts';
import type { InstallationRow, Store } from '../store/store.ts';
import { isAdminToken } from './admin-token.ts';
import type { Begun, RootOperation, SealControl, SealName, SealStatus, Submission } from './control.ts';
import { Generations } from './generations.ts';
import { checkInstallation } from './installation-row.ts';
import type { Kek } from './keys.ts';
import { type RootKeyProvider, SealError } from './root-key.ts';
import { RootOperations, type RootOperationsParts, sharedRootKey } from './root-operations.ts';
import { refusalTexts, type ShareSet } from './shares.ts';
import type { Refused } from './submission.ts';

export interface NodeSealParts extends RootOperationsParts {
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

/** Shares for unsealing, and the parameters of the split that they belong to. */
interface Collection {
  readonly parameters: string;
  readonly set: ShareSet;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The seal of a node, in its primary process: collects shares, opens the keyring, forgets it, and runs the operations
 * on the root key. One call at a time is at work; further ones wait.
 */
export class NodeSeal implements SealControl<Secret> {
  readonly #parts: NodeSealParts;
  readonly #operations: RootOperations;
  #generations: Generations | undefined;
  /** The seal as the database last said. */
  #seal: SealName | undefined;
  #collection: Collection | undefined;
  #reason: string | undefined;
  #epoch = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: NodeSealParts) {
    this.#parts = parts;
    this.#operations = new RootOperations(parts);
  }

  /**
   * Opens a seal that opens by itself; has others wait for shares. Throws SealError where the seal does not open and
   * nothing but a new start can help.
   */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      const installation = await this.#installation();
      if (installation.seal === 'shamir') return void this.#collect(installation);
      try {
        await this.#openBySetting(installation);
      } catch (error) {
        if (!(error instanceof SealError) || installation.recovery === null) throw error;
        this.#reason = `${error.message}; recovery shares are taken`;
        this.#parts.log.error({ alarm: true }, this.#reason);
        this.#collect(installation);
      }
    });
  }

  get isUnsealed(): boolean {
    return this.#generations !== undefined;
  }

  /** The installation that is open. Throws SealError while the node is sealed. */
  get generations(): Generations {
    if (this.#generations === undefined) throw new SealError('the node is sealed');
    return this.#generations;
  }

  /**
   * A generation of the keyring, or the primary one (`spent`: see KekSource). A node that finds that its root key was
   * replaced opens the seal again, or is sealed and throws SealError.
   */
  async kek(ask: (generations: Generations) => Promise<Kek | undefined>): Promise<Kek | undefined> {
    const { generations } = this;
    try {
      return await ask(generations);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      await this.#inTurn(() => this.#rootReplaced(generations, error));
      return ask(this.generations);
    }
  }

  /** How often all nodes had been sealed when this one was unsealed. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Seals the node where all nodes were told to be sealed since it was unsealed. */
  async heedEpoch(): Promise<void> {
    if (await this.#isEpochOver()) await this.#inTurn(() => this.#heedEpoch());
  }

  async #heedEpoch(): Promise<void> {
    if (await this.#isEpochOver()) this.#close('all nodes were sealed');
  }

  async #isEpochOver(): Promise<boolean> {
    return this.#generations !== undefined && (await this.#parts.store.sealEpoch()) !== this.#epoch;
  }

  async status(): Promise<SealStatus> {
    const operation = this.#operations.status;
    const seal = this.#seal;
    if (seal === undefined) return { state: 'uninitialised', seal, cnt: 0, required: 0, reason: undefined, operation };
    const cnt = this.#collection?.set.count ?? 0;
    const required = this.#collection?.set.required ?? 0;
    const complaint = this.#parts.complaint?.();
    if (this.isUnsealed) return { state: 'unsealed', seal, cnt: 0, required, reason: complaint, operation };
    const reason = this.#reason ?? `${cnt} of ${required} shares`;
    return { state: 'sealed', seal, cnt, required, reason, operation };
  }

  submit(shares: readonly Secret[], nonce?: string): Promise<Submission<Secret>> {
    return this.#withShares(shares, () =>
      nonce === undefined
        ? this.#unseal(shares)
        : this.#consent((operations, at) => operations.submit(shares, nonce, at)),
    );
  }

  replaceAdminToken(shares: readonly Secret[], nonce?: string): Promise<Submission<Secret>> {
    return this.#withShares(shares, () =>
      this.#consent((operations, at) => operations.replaceToken(shares, nonce, at)),
    );
  }

  seal({ all }: { readonly all: boolean }): Promise<void> {
    return this.#inTurn(async () => {
      if (!all && !this.isUnsealed) throw new KmipError('wrong-state', 'the node is sealed already');
      try {
        if (all) await this.#parts.store.raiseSealEpoch();
      } finally {
        // This node is sealed also where the others cannot be told.
        this.#close(all ? 'all nodes were sealed' : 'the node was sealed');
      }
    });
  }

  begin(operation: RootOperation): Promise<Begun<Secret>> {
    return this.#inTurn(async () => this.#operations.begin(operation, await this.#unsealedGenerations()));
  }

  async cancel(nonce: string): Promise<void> {
    this.#operations.cancel(nonce);
  }

  brokenKeys(): ReturnType<SealControl['brokenKeys']> {
    return this.#inTurn(async () => (await this.#unsealedGenerations()).broken());
  }

  async verifyAdminToken(secret: Secret): Promise<boolean> {
    using token = secret;
    const generations = await this.#inTurn(() => this.#present());
    return isAdminToken(generations?.installation ?? (await this.#installation()), token);
  }

  /** Wipes what is secret, at the end of the process. */
  close(): void {
    this.#forget();
    this.#operations.forget();
    this.#generations?.close();
    this.#generations = undefined;
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Wipes the shares afterwards. */
  #withShares(
    shares: readonly Secret[],
    use: () => Promise<Omit<Submission<Secret>, 'status'>>,
  ): Promise<Submission<Secret>> {
    return this.#inTurn(async () => {
      try {
        return { ...(await use()), status: await this.status() };
      } finally {
        for (const share of shares) share.wipe();
      }
    });
  }

  async #installation(): Promise<InstallationRow> {
    const installation = await this.#parts.store.installation();
    if (installation === undefined) throw new SealError('the database has no installation; run `kleis init`');
    if (installation.seal === RESTORING) {
      throw new SealError('a restore into this database was broken off; begin again with an empty database');
    }
    this.#seal = installation.seal as SealName;
    return installation;
  }

  /**
   * The generations, once the row of the installation was looked at again. Undefined where the node is sealed, if only now, as
   * another one has replaced the root key, or all were sealed. Throws SealError where somebody without the root key has
   * changed the row.
   */
  async #present(): Promise<Generations | undefined> {
    await this.#heedEpoch();
    const generations = this.#generations;
    if (generations === undefined) return undefined;
    try {
      await generations.refresh();
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      await this.#rootReplaced(generations, error).catch((cause) => this.#unlessSealed(cause));
    }
    return this.#generations;
  }

  #unlessSealed(error: unknown): void {
    if (error instanceof SealError && !this.isUnsealed) return;
    if (error instanceof SealError) this.#parts.log.error({ alarm: true }, error.message);
    throw error;
  }

  async #unsealedGenerations(): Promise<Generations> {
    const generations = await this.#present();
    if (generations === undefined) throw new KmipError('sealed', 'the server is sealed');
    return generations;
  }

  async #consent(
    give: (operations: RootOperations, generations: Generations) => ReturnType<RootOperations['submit']>,
  ): ReturnType<RootOperations['submit']> {
    const done = await give(this.#operations, await this.#unsealedGenerations());
    await this.#installation();
    return done;
  }

  async #unseal(shares: readonly Secret[]): Promise<{ refused: Refused; completed: undefined }> {
    const refused = await this.#give(shares);
    if (this.isUnsealed) this.#parts.log.info({ seal: this.#seal }, 'the node is unsealed');
    return { refused, completed: undefined };
  }

  async #give(shares: readonly Secret[]): Promise<Refused> {
    await this.#heedEpoch();
    if (this.isUnsealed) throw new KmipError('wrong-state', 'the node is unsealed already');
    const installation = await this.#installation();
    if (shares.length === 0) {
      await this.#tryAgain(installation);
      return [];
    }
    const collection = this.#collect(installation);
    if (collection === undefined) {
      throw new KmipError('wrong-state', `the seal ${installation.seal} opens by itself, and has no recovery shares`);
    }
    const refused = shares.flatMap((share, position) => {
      const refusal = collection.set.take(share);
      return refusal === undefined ? [] : [{ position, refusal, message: refusalTexts[refusal] }];
    });
    this.#startTimer(collection);
    if (refused.length < shares.length) this.#reason = undefined;
    if (collection.set.isComplete) await this.#openByShares(installation, collection.set);
    return refused;
  }

  /** The set that is being collected; a new one where the shares were replaced. Undefined where nothing has shares. */
  #collect(installation: InstallationRow): Collection | undefined {
    const sealed = sharedRootKey(installation);
    if (this.#collection !== undefined && this.#collection.parameters === sealed?.parameters) return this.#collection;
    this.#forget();
    if (sealed === undefined) return undefined;
    const set = this.#parts.shares.collect({ id: installation.id, ...sealed });
    this.#collection = { parameters: sealed.parameters, set, timer: undefined };
    return this.#collection;
  }

  /** Counts from the last share on. */
  #startTimer(collection: Collection): void {
    clearTimeout(collection.timer);
    collection.timer = setTimeout(() => {
      if (collection.set.count === 0) return;
      collection.set.forget();
      this.#reason = undefined;
      this.#parts.log.warn({}, 'the shares for unsealing were not completed in time, and are forgotten');
    }, this.#parts.patience).unref();
  }

  async #openByShares(installation: InstallationRow, set: ShareSet): Promise<void> {
    const sealed = sharedRootKey(installation);
    const epoch = await this.#parts.store.sealEpoch();
    const seal = await set.combine();
    try {
      if (sealed === undefined) return;
      await this.#open(installation, await seal.unwrap({ id: installation.id, ...sealed }), epoch);
    } catch (error) {
      this.#refused(error);
    } finally {
      seal.close();
    }
  }

  async #tryAgain(installation: InstallationRow): Promise<void> {
    if (installation.seal === 'shamir') return;
    try {
      await this.#openBySetting(installation);
    } catch (error) {
      this.#refused(error);
    }
  }

  /** The node stays sealed, and says why. */
  #refused(error: unknown): void {
    if (!(error instanceof SealError)) throw error;
    this.#reason = error.message;
    this.#parts.log.error({ alarm: true }, `the seal did not open: ${error.message}`);
  }

  async #openBySetting(installation: InstallationRow): Promise<void> {
    const epoch = await this.#parts.store.sealEpoch();
    const seal = await this.#providerOf(installation.seal);
    try {
      await this.#open(installation, await seal.unwrap(installation), epoch);
    } finally {
      seal.close();
    }
  }

  async #providerOf(seal: string): Promise<RootKeyProvider> {
    if (seal === 'passphrase' || seal === 'pkcs11') return this.#parts.open(seal);
    throw new SealError(`the installation has the seal ${seal}, which this program does not know`);
  }

  /**
   * Takes the root key over. `epoch` is of before it was asked for: who seals all nodes while this one opens, seals this one.
   * A node that opens again is as it was.
   */
  async #open(installation: InstallationRow, rootKey: Secret, epoch: number): Promise<void> {
    const generations = new Generations(this.#parts.store, installation, rootKey);
    try {
      checkInstallation(rootKey, installation);
      await generations.check();
      await this.#parts.approve();
    } catch (error) {
      generations.close();
      throw error;
    }
    this.#forget();
    this.#generations?.close();
    const first = this.#generations === undefined;
    if (first) this.#epoch = epoch;
    this.#generations = generations;
    this.#reason = undefined;
    if (first) this.#parts.unsealed();
  }

  #close(reason: string): void {
    if (this.#generations === undefined) return;
    const { installation } = this.#generations;
    this.close();
    this.#collect(installation);
    this.#reason = installation.seal === 'shamir' ? undefined : reason;
    this.#parts.log.info({ reason }, 'the node is sealed');
    this.#parts.sealed();
  }

  #forget(): void {
    clearTimeout(this.#collection?.timer);
    this.#collection?.set.forget();
    this.#collection = undefined;
  }

  /** The keyring did not open with `generations`: where somebody replaced the root key, the new one is looked for. */
  async #rootReplaced(generations: Generations, error: SealError): Promise<void> {
    if (this.#generations !== generations) return;
    const installation = await this.#installation();
    if (installation.revision === generations.installation.revision) throw error;
    try {
      await this.#openBySetting(installation);
    } catch (cause) {
      if (!(cause instanceof SealError)) throw cause;
      this.#close('another node has replaced the root key');
      this.#reason = 'another node has replaced the root key: this one has to be unsealed again';
      throw cause;
    }
  }
}
