import type { Secret } from '../crypto/secret.ts';
import type { Refusal, Refused, Split } from './control.ts';
import type { RootKeyProvider, SealedRootKey } from './root-key.ts';

/** A new split: the seal that its shares open, and the shares, ASCII, to be shown once. */
export interface NewSplit {
  readonly seal: RootKeyProvider;
  readonly shares: readonly Secret[];
}

/** Shares that come one by one, from different people, for one purpose. They are in memory only, until `forget`. */
export interface ShareSet {
  readonly count: number;
  readonly required: number;
  readonly isComplete: boolean;
  /** Takes a share (ASCII), or tells why not. A refused one leaves the others where they are. */
  take(text: Secret): Refusal | undefined;
  /** The seal that the shares open. They are forgotten. */
  combine(): Promise<RootKeyProvider>;
  forget(): void;
}

/** Makes and collects shares. Implemented by shamir.ts. */
export interface Shares {
  /** Splits a random key; `number` is that of the split. Throws RangeError where a split cannot be so. */
  split(installationId: string, number: number, split: Pick<Split, 'shares' | 'threshold'>): Promise<NewSplit>;
  /** A set for the shares of a wrapped root key. Throws SealError where its parameters are none. */
  collect(sealed: Pick<SealedRootKey, 'id' | 'parameters'>): ShareSet;
  /** The number of the split. Throws as `collect`. */
  numberOf(parameters: string): number;
}

/** Why a share was not taken, for people. */
export const refusalTexts = {
  malformed: 'this is no share: it begins with KLEIS1 and has 18 groups of four characters',
  'check-failed': 'there is a typing error in it',
  'other-installation': 'it is a share of another installation',
  'older-split': 'it is a share of an older split; a later one has replaced it',
  duplicate: 'it was given already',
  'false-share': 'it is none of the shares that were handed out',
} as const satisfies Record<Refusal, string>;

/** Takes the shares (ASCII) that can be taken, and answers the others. */
export function takeShares(set: ShareSet, shares: readonly Secret[]): Refused {
  return shares.flatMap((share, position) => {
    const refusal = set.take(share);
    return refusal === undefined ? [] : [{ position, refusal, message: refusalTexts[refusal] }];
  });
}
