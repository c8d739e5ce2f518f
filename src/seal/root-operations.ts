import { randomUUID } from 'node:crypto';
import { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';
import { ConflictError, type InstallationRow, type WrappedRootKey } from '../store/store.ts';
import { adminTokenDigest, newAdminToken } from './admin-token.ts';
import type { Begun, OperationResult, OperationStatus, RootOperation, SealName, Split } from './control.ts';
import type { Generations } from './generations.ts';
import { checkRecipients, encryptShare } from './recipients.ts';
import { type RootKeyProvider, SealError } from './root-key.ts';
import { isSplit } from './shamir-parameters.ts';
import { type NewSplit, refusalTexts, type ShareSet, type Shares } from './shares.ts';
import type { Refused } from './submission.ts';

export interface RootOperationsParts {
  readonly shares: Shares;
  /** A seal that opens by itself, as the settings say. Throws SealError. */
  readonly open: (seal: Exclude<SealName, 'shamir'>) => Promise<RootKeyProvider>;
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

/** What an operation works with. */
interface Material {
  readonly installation: InstallationRow;
  /** What the given shares make up. */
  readonly consent: RootKeyProvider | undefined;
  /** The new split, where the operation makes one. */
  readonly fresh: NewSplit | undefined;
}

/** Which seal, and which recovery shares, the installation has afterwards. */
interface Outcome {
  readonly seal: RootKeyProvider;
  readonly recovery: RootKeyProvider | undefined;
}

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
  async submit(
    texts: readonly Secret[],
    nonce: string,
    generations: Generations,
  ): Promise<{ readonly refused: Refused; readonly completed: OperationResult<Secret> | undefined }> {
    if (texts.length === 0 && this.#done?.nonce === nonce) return { refused: [], completed: copyOf(this.#done.result) };
    const { set } = this.#of(nonce);
    const refused = texts.flatMap((text, position) => {
      const refusal = set?.take(text);
      return refusal === undefined ? [] : [{ position, refusal, message: refusalTexts[refusal] }];
    });
    return { refused, completed: set?.isComplete === true ? await this.#complete(generations) : undefined };
  }

  /**
   * The operation `admin-token`, for who may have no token: begun with shares of which one at least is taken, or with a nonce,
   * joined. Throws as `begin` and `submit`.
   */
  async replaceToken(
    texts: readonly Secret[],
    nonce: string | undefined,
    generations: Generations,
  ): ReturnType<RootOperations['submit']> {
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

  /** Runs an operation at once, for whoever has opened a seal that opens by itself: no shares are asked for. */
  async runBySeal(operation: RootOperation, generations: Generations): Promise<OperationResult<Secret>> {
    await checkOperation(operation, generations.installation);
    try {
      return await this.#run(operation, undefined, generations);
    } catch (error) {
      throw inWords(error);
    }
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
      await checkConsent(consent, generations);
      const result = await this.#run(operation, consent, generations);
      // Whoever gives shares could ask for the token once more, without one.
      if (operation.kind !== 'admin-token') this.#keep(underWay.nonce, result);
      return result;
    } catch (error) {
      throw inWords(error);
    } finally {
      consent?.close();
      this.#forget(underWay.nonce);
    }
  }

  async #run(
    operation: RootOperation,
    consent: RootKeyProvider | undefined,
    generations: Generations,
  ): Promise<OperationResult<Secret>> {
    if (operation.kind !== 'admin-token') {
      return { kind: operation.kind, shares: await this.#replaceRoot(operation, consent, generations) };
    }
    const adminToken = newAdminToken();
    try {
      await generations.replaceAdminToken(adminTokenDigest(generations.installation.id, adminToken));
      return { kind: operation.kind, shares: [], adminToken };
    } catch (error) {
      adminToken.wipe();
      throw error;
    }
  }

  /** The texts of new shares. */
  async #replaceRoot(
    operation: RootOperation,
    consent: RootKeyProvider | undefined,
    generations: Generations,
  ): Promise<readonly Secret[]> {
    const { installation } = generations;
    const revision = installation.revision + 1;
    const split = 'split' in operation ? operation.split : undefined;
    const fresh = split && (await this.#parts.shares.split(installation.id, revision, split));
    const seals: (RootKeyProvider | undefined)[] = [fresh?.seal];
    try {
      const shown = await encryptShares(fresh?.shares ?? [], split?.recipients);
      const { seal, recovery } = await this.#outcome(operation, { installation, consent, fresh });
      seals.push(seal);
      const wrap = async (rootKey: Secret): Promise<Omit<InstallationRow, 'tag'>> => ({
        ...installation,
        revision,
        seal: seal.seal,
        ...(await seal.wrap(installation.id, rootKey)),
        recovery: (await recovery?.wrap(installation.id, rootKey)) ?? null,
      });
      await generations.replaceRoot(wrap, { another: operation.kind === 'rotate-root' });
      return shown;
    } catch (error) {
      for (const share of fresh?.shares ?? []) share.wipe();
      throw error;
    } finally {
      for (const seal of seals) seal?.close();
    }
  }

  async #outcome(operation: RootOperation, { installation, consent, fresh }: Material): Promise<Outcome> {
    const target = operation.kind === 'migrate' ? operation.to : (installation.seal as SealName);
    if (target === 'shamir') {
      const seal = fresh?.seal ?? consent;
      if (seal === undefined) throw new KmipError('wrong-state', 'the seal shamir needs shares');
      return { seal, recovery: undefined };
    }
    const seal = await this.#parts.open(target);
    // Shares that were those of the seal itself end with it.
    const kept = installation.seal === 'shamir' ? undefined : consent;
    return { seal, recovery: fresh?.seal ?? kept };
  }
}

/** What shares open: the seal itself, or the root key that was put by for recovery. */
export function sharedRootKey({ seal, parameters, wrapped, recovery }: InstallationRow): WrappedRootKey | undefined {
  return seal === 'shamir' ? { parameters, wrapped } : (recovery ?? undefined);
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

async function checkOperation(operation: RootOperation, { seal }: InstallationRow): Promise<void> {
  if (operation.kind === 'rotate-root' || operation.kind === 'admin-token') return;
  const { split } = operation;
  if (operation.kind === 'migrate') {
    if (operation.to === seal) throw new KmipError('wrong-state', `the seal is ${seal} already`);
    if ((operation.to === 'shamir') !== (split !== undefined)) {
      throw new KmipError('invalid-field', 'shares and threshold belong to the seal shamir, and to no other');
    }
  }
  if (split !== undefined) await checkSplit(split);
}

/** Throws `invalid-field` where shares cannot be made so. */
export async function checkSplit({ shares, threshold, recipients }: Split): Promise<void> {
  if (!isSplit(shares, threshold)) {
    throw new KmipError('invalid-field', 'there can be 1 to 255 shares, and a threshold from 1 to their number');
  }
  if (recipients === undefined) return;
  if (recipients.length !== shares) throw new KmipError('invalid-field', 'there must be one public key for each share');
  await checkRecipients(recipients);
}

/** Throws SealError where the shares do not make up what opens this installation. */
async function checkConsent(consent: RootKeyProvider | undefined, generations: Generations): Promise<void> {
  const sealed = sharedRootKey(generations.installation);
  if (consent === undefined || sealed === undefined) return;
  using rootKey = await consent.unwrap({ id: generations.installation.id, ...sealed });
  if (!generations.hasRootKey(rootKey)) throw new SealError('the shares open another root key than the one in use');
}

/** The shares as they are shown: encrypted to their owners, where there are public keys. */
export async function encryptShares(
  shares: readonly Secret[],
  recipients: Split['recipients'],
): Promise<readonly Secret[]> {
  if (recipients === undefined) return shares;
  return Promise.all(
    shares.map(async (share, index) => {
      using plain = share;
      return new Secret(Buffer.from(await encryptShare(recipients[index] ?? '', plain)));
    }),
  );
}

function inWords(error: unknown): unknown {
  if (error instanceof SealError) return new KmipError('wrong-state', error.message, { cause: error });
  if (!(error instanceof ConflictError)) return error;
  return new KmipError('wrong-state', 'the keyring was changed by another node meanwhile; begin again', {
    cause: error,
  });
}
