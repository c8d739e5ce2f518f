import type { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';
import { isAdminToken } from './admin-token.ts';
import type { Begun, RootOperation, SealControl, SealStatus, Submission } from './control.ts';
import type { Generations } from './generations.ts';
import type { Kek } from './keys.ts';
import { SealError } from './root-key.ts';
import { type Given, RootOperations, type RootOperationsParts } from './root-operations.ts';
import { sealedError } from './state.ts';
import { Unsealing, type UnsealingParts } from './unsealing.ts';

export interface NodeSealParts extends UnsealingParts, RootOperationsParts {}

/**
 * The seal of a node, in its primary process: opens the keyring and forgets it (see Unsealing), and runs the operations
 * on the root key. One call at a time is at work; further ones wait.
 */
export class NodeSeal implements SealControl<Secret> {
  readonly #parts: NodeSealParts;
  readonly #unsealing: Unsealing;
  readonly #operations: RootOperations;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: NodeSealParts) {
    this.#parts = parts;
    this.#operations = new RootOperations(parts);
    this.#unsealing = new Unsealing({ ...parts, sealed: () => this.#sealed() });
  }

  /**
   * Opens a seal that opens by itself; has others wait for shares. Throws SealError where the seal does not open and
   * nothing but a new start can help.
   */
  start(): Promise<void> {
    return this.#inTurn(() => this.#unsealing.start());
  }

  get isUnsealed(): boolean {
    return this.#unsealing.generations !== undefined;
  }

  /** The keyring that is open. Throws SealError while the node is sealed. */
  get generations(): Generations {
    const { generations } = this.#unsealing;
    if (generations === undefined) throw new SealError('the node is sealed');
    return generations;
  }

  /** How often all nodes had been sealed when this one was unsealed. */
  get epoch(): number {
    return this.#unsealing.epoch;
  }

  /**
   * Asks the keyring for a key. A node that finds that its root key was replaced opens the seal again, or is sealed and
   * throws SealError.
   */
  async kek(ask: (generations: Generations) => Promise<Kek | undefined>): Promise<Kek | undefined> {
    const { generations } = this;
    try {
      return await ask(generations);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      await this.#inTurn(() => this.#unsealing.follow(generations, error));
      return ask(this.generations);
    }
  }

  /** Seals the node where all nodes were told to be sealed since it was unsealed. */
  async heedEpoch(): Promise<void> {
    if (await this.#unsealing.isEpochOver()) await this.#inTurn(() => this.#unsealing.heedEpoch());
  }

  async status(): Promise<SealStatus> {
    return { ...this.#unsealing.status, operation: this.#operations.status };
  }

  submit(shares: readonly Secret[], nonce?: string): Promise<Submission<Secret>> {
    return this.#withShares(shares, async () => {
      if (nonce === undefined) return { refused: await this.#unsealing.give(shares), completed: undefined };
      return this.#consent((operations, keyring) => operations.submit(shares, nonce, keyring));
    });
  }

  replaceAdminToken(shares: readonly Secret[], nonce?: string): Promise<Submission<Secret>> {
    return this.#withShares(shares, () =>
      this.#consent((operations, keyring) => operations.replaceToken(shares, nonce, keyring)),
    );
  }

  seal({ all }: { readonly all: boolean }): Promise<void> {
    return this.#inTurn(async () => {
      if (!all && !this.isUnsealed) throw new KmipError('wrong-state', 'the node is sealed already');
      try {
        if (all) await this.#parts.store.raiseSealEpoch();
      } finally {
        // This node is sealed also where the others cannot be told.
        this.#unsealing.seal(all ? 'all nodes were sealed' : 'the node was sealed');
      }
    });
  }

  begin(operation: RootOperation): Promise<Begun<Secret>> {
    return this.#inTurn(async () => this.#operations.begin(operation, await this.#keyring()));
  }

  async cancel(nonce: string): Promise<void> {
    this.#operations.cancel(nonce);
  }

  brokenKeys(): ReturnType<SealControl['brokenKeys']> {
    return this.#inTurn(async () => (await this.#keyring()).broken());
  }

  async verifyAdminToken(secret: Secret): Promise<boolean> {
    using token = secret;
    const keyring = await this.#inTurn(() => this.#unsealing.present());
    return isAdminToken(keyring?.installation ?? (await this.#unsealing.installation()), token);
  }

  /** Wipes what is secret, at the end of the process. */
  close(): void {
    this.#unsealing.wipe();
    this.#operations.forget();
  }

  #sealed(): void {
    this.#operations.forget();
    this.#parts.sealed();
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Wipes the shares afterwards. */
  #withShares(shares: readonly Secret[], use: () => Promise<Given>): Promise<Submission<Secret>> {
    return this.#inTurn(async () => {
      try {
        return { ...(await use()), status: await this.status() };
      } finally {
        for (const share of shares) share.wipe();
      }
    });
  }

  /** Gives shares to an operation on the root key, which may change the seal. */
  async #consent(give: (operations: RootOperations, keyring: Generations) => Promise<Given>): Promise<Given> {
    const done = await give(this.#operations, await this.#keyring());
    await this.#unsealing.installation();
    return done;
  }

  async #keyring(): Promise<Generations> {
    const keyring = await this.#unsealing.present();
    if (keyring === undefined) throw sealedError();
    return keyring;
  }
}
