import { randomUUID } from 'node:crypto';
import { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';
import type { Begun, OperationResult, OperationStatus, RootOperation, Submission } from './control.ts';
import type { Generations } from './generations.ts';
import { sharedRootKey } from './installation-row.ts';
import type { RootKeyProvider } from './root-key.ts';
import { checkOperation, runOperation } from './run-operation.ts';
import type { Seals } from './seals.ts';
import { type ShareSet, takeShares } from './shares.ts';

export interface RootOperationsParts extends Seals {
  /** Milliseconds after which an operation that is not complete is given up. */
  readonly patience: number;
}

interface UnderWay {
  readonly nonce: string;
  readonly operation: RootOperation;
  /** Absent where no shares are asked for. */
  readonly set: ShareSet | undefined;
  readonly timer: NodeJS.Timeout;
}

/** An operation that is complete. Its result is kept for a while: who lost the answer asks for it again. */
interface Done {
  readonly nonce: string;
  readonly result: OperationResult<Secret>;
  readonly timer: NodeJS.Timeout;
}

/** What became of shares that were given to an operation. */
export type Given = Omit<Submission<Secret>, 'status'>;

/** Operations on the root key of an unsealed node: one at a time, each with the consent of a full set of shares. */
export class RootOperations {
  readonly #parts: RootOperationsParts;
  #underWay: UnderWay | undefined;
  #done: Done | undefined;

  constructor(parts: RootOperationsParts) {
    this.#parts = parts;
  }

  get status(): OperationStatus | undefined {
    return this.#underWay && statusOf(this.#underWay);
  }

  /** Throws `invalid-field`, `wrong-state`. */
  async begin(operation: RootOperation, generations: Generations): Promise<Begun<Secret>> {
    if (this.#underWay !== undefined)
      throw new KmipError('wrong-state', 'another operation on the root key is under way');
    const { installation } = generations;
    await checkOperation(operation, installation);
    const sealed = sharedRootKey(installation);
    // The token alone is no authority over the root key, which a full set of shares is.
    if (sealed === undefined && makesShares(operation)) throw noShares('rekey --by-seal');
    // Whoever has no token does not take anybody's result away.
    if (operation.kind !== 'admin-token') this.#forgetDone();
    const set = sealed && this.#parts.shares.collect({ id: installation.id, ...sealed });
    const nonce = randomUUID();
    const timer = setTimeout(() => this.#forget(nonce), this.#parts.patience).unref();
    this.#underWay = { nonce, operation, set, timer };
    const begun = statusOf(this.#underWay);
    return { operation: begun, completed: set === undefined ? await this.#complete(generations) : undefined };
  }

  /**
   * Takes shares for the operation of that nonce, and runs it once they are complete. Without shares, the result of one that
   * is complete is given again. Throws `invalid-field`, `wrong-state`.
   */
  async submit(texts: readonly Secret[], nonce: string, generations: Generations): Promise<Given> {
    if (texts.length === 0 && this.#done?.nonce === nonce) return { refused: [], completed: copyOf(this.#done.result) };
    const { set } = this.#of(nonce);
    const refused = set === undefined ? [] : takeShares(set, texts);
    return { refused, completed: set?.isComplete === true ? await this.#complete(generations) : undefined };
  }

  /**
   * The operation `admin-token`, for who may have no token: begun with shares of which one at least is taken, or with a nonce,
   * joined. Throws as `begin` and `submit`.
   */
  async replaceToken(texts: readonly Secret[], nonce: string | undefined, generations: Generations): Promise<Given> {
    const { nonce: joined } = nonce === undefined ? await this.#beginToken(generations) : this.#of(nonce);
    if (this.#of(joined).operation.kind !== 'admin-token') throw unknownNonce();
    const done = await this.submit(texts, joined, generations);
    if (this.#underWay?.set?.count === 0) this.#forget(joined);
    return done;
  }

  async #beginToken(generations: Generations): Promise<OperationStatus> {
    if (sharedRootKey(generations.installation) === undefined) throw noShares('admin-token');
    return (await this.begin({ kind: 'admin-token' }, generations)).operation;
  }

  /** Throws `invalid-field` where there is no operation of that nonce. */
  cancel(nonce: string): void {
    if (this.#done?.nonce === nonce) this.#forgetDone();
    else this.#forget(this.#of(nonce).nonce);
  }

  /** Gives up what is under way. */
  forget(): void {
    if (this.#underWay !== undefined) this.#forget(this.#underWay.nonce);
    this.#forgetDone();
  }

  #of(nonce: string): UnderWay {
    if (this.#underWay?.nonce === nonce) return this.#underWay;
    throw unknownNonce();
  }

  #forget(nonce: string): void {
    if (this.#underWay?.nonce !== nonce) return;
    clearTimeout(this.#underWay.timer);
    this.#underWay.set?.forget();
    this.#underWay = undefined;
  }

  #forgetDone(): void {
    clearTimeout(this.#done?.timer);
    for (const share of this.#done?.result.shares ?? []) share.wipe();
    this.#done = undefined;
  }

  #keep(nonce: string, result: OperationResult<Secret>): void {
    const timer = setTimeout(() => this.#forgetDone(), this.#parts.patience).unref();
    this.#done = { nonce, result: copyOf(result), timer };
  }

  async #complete(generations: Generations): Promise<OperationResult<Secret> | undefined> {
    const underWay = this.#underWay;
    if (underWay === undefined) return undefined;
    const { operation, set } = underWay;
    clearTimeout(underWay.timer);
    let consent: RootKeyProvider | undefined;
    try {
      consent = await set?.combine();
      const result = await runOperation(operation, { seals: this.#parts, generations, consent });
      // Whoever gives shares could ask for the token once more, without one.
      if (operation.kind !== 'admin-token') this.#keep(underWay.nonce, result);
      return result;
    } finally {
      consent?.close();
      this.#forget(underWay.nonce);
    }
  }
}

function makesShares(operation: RootOperation): boolean {
  return 'split' in operation && operation.split !== undefined;
}

/** `command` does it by opening the seal. */
function noShares(command: string): KmipError {
  return new KmipError(
    'wrong-state',
    `the seal opens by itself, and has no shares that could agree: run \`kleis ${command}\` where it opens`,
  );
}

function copyOf({ kind, shares }: OperationResult<Secret>): OperationResult<Secret> {
  return { kind, shares: shares.map((share) => new Secret(Buffer.from(share.expose()))) };
}

function statusOf({ nonce, operation, set }: UnderWay): OperationStatus {
  return { kind: operation.kind, nonce, cnt: set?.count ?? 0, required: set?.required ?? 0 };
}

function unknownNonce(): KmipError {
  return new KmipError(
    'invalid-field',
    'there is no operation of that nonce: it is complete, was given up, or took too long',
  );
}
