import type { Secret } from '../crypto/secret.ts';
import type { InstallationRow } from '../store/store.ts';
import type { Refused } from './control.ts';
import { sharedRootKey } from './installation-row.ts';
import type { RootKeyProvider } from './root-key.ts';
import { type ShareSet, type Shares, takeShares } from './shares.ts';

export interface ShareCollectionParts {
  readonly shares: Pick<Shares, 'collect'>;
  /** Milliseconds after the last share after which shares that were not enough are forgotten. */
  readonly patience: number;
  /** Called when that has happened. */
  readonly expired: () => void;
}

/** Shares for unsealing, as they come. They belong to one split: once that was replaced, those before are forgotten. */
export class ShareCollection {
  readonly #parts: ShareCollectionParts;
  #set: ShareSet | undefined;
  /** Of the split that the set is of. */
  #parameters: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ShareCollectionParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#set?.count ?? 0;
  }

  /** How many open the seal; 0 where none is asked for. */
  get required(): number {
    return this.#set?.required ?? 0;
  }

  get isComplete(): boolean {
    return this.#set?.isComplete === true;
  }

  /** Collects for an installation from now on; false where it has no shares. Throws SealError where its parameters are none. */
  begin(installation: InstallationRow): boolean {
    const sealed = sharedRootKey(installation);
    if (this.#set !== undefined && this.#parameters === sealed?.parameters) return true;
    this.forget();
    if (sealed === undefined) return false;
    this.#set = this.#parts.shares.collect({ id: installation.id, ...sealed });
    this.#parameters = sealed.parameters;
    return true;
  }

  /** Takes what can be taken, and answers what was not. Time counts from here on. */
  take(shares: readonly Secret[]): Refused {
    if (this.#set === undefined) throw new Error('no shares are collected');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#expire(), this.#parts.patience).unref();
    return takeShares(this.#set, shares);
  }

  /** The seal that a complete set opens. The shares are forgotten; others can be given in their place. */
  combine(): Promise<RootKeyProvider> {
    if (this.#set === undefined) throw new Error('no shares are collected');
    return this.#set.combine();
  }

  /** Forgets the shares, and what they are for. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#set?.forget();
    this.#set = undefined;
  }

  #expire(): void {
    if (this.count === 0) return;
    this.#set?.forget();
    this.#parts.expired();
  }
}
