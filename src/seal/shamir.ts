import { randomBytes } from 'node:crypto';
import { combine, split } from 'shamir-secret-sharing';
import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { Secret, secretBytes } from '../crypto/secret.ts';
import type { WrappedRootKey } from '../store/store.ts';
import type { Refusal } from './control.ts';
import { type RootKeyProvider, SealError, type SealedRootKey } from './root-key.ts';
import { isHandedOut, isSplit, readShamirParameters, type ShamirParameters, shareDigest } from './shamir-parameters.ts';
import { decodeShare, encodeShare, installationMark, POINT_BYTES, type Share } from './share.ts';
import type { NewSplit, ShareSet, Shares } from './shares.ts';
import { ROOT_KEY_BYTES, rootKeyContext } from './wrapped-root-key.ts';

/**
 * The seal that shares open. They are shares of a random key that wraps the root key, so that root key and shares
 * can be replaced one without the other.
 */
class ShamirSeal implements RootKeyProvider {
  readonly seal = 'shamir';
  readonly #secret: Secret;
  readonly #parameters: string;

  /** Keeps `secret` (32 bytes) until `close`. */
  constructor(secret: Secret, parameters: string) {
    this.#secret = secret;
    this.#parameters = parameters;
  }

  async wrap(installationId: string, rootKey: Secret): Promise<WrappedRootKey> {
    const parameters = this.#parameters;
    const context = rootKeyContext(this.seal, installationId, parameters);
    return { parameters, wrapped: sealBytes(this.#secret.expose(), rootKey.expose(), context) };
  }

  async unwrap({ id, parameters, wrapped }: SealedRootKey): Promise<Secret> {
    const rootKey = openBytes(this.#secret.expose(), wrapped, rootKeyContext(this.seal, id, parameters));
    if (rootKey?.length === ROOT_KEY_BYTES) return new Secret(rootKey);
    throw new SealError('the shares do not open this installation: one of them is false, or the row was changed');
  }

  /** Wipes the key that the shares make up. */
  close(): void {
    this.#secret.wipe();
  }
}

async function newSplit(
  installationId: string,
  number: number,
  { shares, threshold }: { readonly shares: number; readonly threshold: number },
): Promise<NewSplit> {
  if (!isSplit(shares, threshold)) throw new RangeError('a split has 1 to 255 shares, and needs no more than it has');
  const secret = new Secret(randomBytes(ROOT_KEY_BYTES));
  const points = await pointsOf(secret, shares, threshold);
  const handed = points.map(
    (point, index): Share => ({
      installation: installationMark(installationId),
      split: number,
      threshold,
      number: index + 1,
      point,
    }),
  );
  const parameters: ShamirParameters = {
    split: number,
    threshold,
    digests: handed.map((share) => shareDigest(installationId, share).toString('base64')),
  };
  const texts = handed.map((share) => new Secret(encodeShare(share)));
  for (const { point } of handed) point.wipe();
  return { seal: new ShamirSeal(secret, JSON.stringify(parameters)), shares: texts };
}

/** The seal that a full set of shares opens; the caller has checked the shares. */
async function combineShares(shares: readonly Share[], parameters: string): Promise<ShamirSeal> {
  const [first] = shares;
  if (first === undefined) throw new RangeError('there are no shares');
  if (first.threshold === 1) {
    return new ShamirSeal(new Secret(Buffer.from(first.point.expose().subarray(0, ROOT_KEY_BYTES))), parameters);
  }
  const points = shares.map(({ point }) => copyOf(point));
  try {
    return new ShamirSeal(takenFrom(await combine(points)), parameters);
  } finally {
    for (const point of points) point.fill(0);
  }
}

/** Points of polynomials over GF(256) whose values at 0 are the secret's bytes; with threshold 1, the secret each time. */
async function pointsOf(secret: Secret, shares: number, threshold: number): Promise<readonly Secret[]> {
  if (threshold > 1) {
    const copy = copyOf(secret);
    const points = (await split(copy, shares, threshold)).map(takenFrom);
    copy.fill(0);
    return points;
  }
  return Array.from(
    { length: shares },
    (_, index) => new Secret(Buffer.concat([secret.expose(), Buffer.of(index + 1)], POINT_BYTES)),
  );
}

/** As the package takes bytes. */
function copyOf(secret: Secret): Uint8Array {
  const copy = new Uint8Array(new ArrayBuffer(secret.length));
  copy.set(secret.expose());
  return copy;
}

/** What the package gives, as a secret. */
function takenFrom(bytes: Uint8Array): Secret {
  const taken = secretBytes(bytes.length);
  taken.set(bytes);
  bytes.fill(0);
  return new Secret(taken);
}

class CollectedShares implements ShareSet {
  readonly #installationId: string;
  readonly #parameters: string;
  readonly #split: ShamirParameters;
  readonly #taken = new Map<number, Share>();

  constructor({ id, parameters }: Pick<SealedRootKey, 'id' | 'parameters'>) {
    this.#installationId = id;
    this.#parameters = parameters;
    this.#split = readShamirParameters(parameters);
  }

  get count(): number {
    return this.#taken.size;
  }

  get required(): number {
    return this.#split.threshold;
  }

  get isComplete(): boolean {
    return this.count >= this.required;
  }

  take(text: Secret): Refusal | undefined {
    const share = decodeShare(text.expose());
    if (typeof share === 'string') return share;
    const refusal = this.#refusal(share);
    if (refusal === undefined) this.#taken.set(share.number, share);
    else share.point.wipe();
    return refusal;
  }

  async combine(): Promise<RootKeyProvider> {
    const shares = [...this.#taken.values()].slice(0, this.required);
    try {
      return await combineShares(shares, this.#parameters);
    } finally {
      this.forget();
    }
  }

  forget(): void {
    for (const share of this.#taken.values()) share.point.wipe();
    this.#taken.clear();
  }

  #refusal(share: Share): Refusal | undefined {
    if (!share.installation.equals(installationMark(this.#installationId))) return 'other-installation';
    if (share.split < this.#split.split) return 'older-split';
    if (share.split !== this.#split.split || !isHandedOut(this.#installationId, this.#split, share))
      return 'false-share';
    return this.#taken.has(share.number) ? 'duplicate' : undefined;
  }
}

/** The seal `shamir`. */
export const shamir: Shares = {
  split: newSplit,
  collect: (sealed) => new CollectedShares(sealed),
  numberOf: (parameters) => readShamirParameters(parameters).split,
};
