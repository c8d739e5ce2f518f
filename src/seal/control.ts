import type { Secret } from '../crypto/secret.ts';
import type { BrokenKey } from './keyring-rows.ts';
import type { RootKeyProvider } from './root-key.ts';
import type { NodeState } from './state.ts';

/** The names of the seals. */
export type SealName = RootKeyProvider['seal'];

/** What a node says about its seal; nothing of it is secret. */
export interface SealStatus {
  readonly state: NodeState;
  /** Which seal the installation has; undefined while the node is uninitialised. */
  readonly seal: SealName | undefined;
  /** Shares collected of the set under way, on all workers of the node together; 0 where none is asked for. */
  readonly cnt: number;
  /** How many shares open the seal; 0 where it opens by itself. */
  readonly required: number;
  /**
   * Why the node is sealed, in an operator's words: "0 of 3 shares", "the HSM does not answer"; or why it is not ready though it is
   * unsealed: "the clock of this machine and that of the database differ by 7 s".
   */
  readonly reason: string | undefined;
  /** The operation on the root key that waits for shares, if there is one. */
  readonly operation: OperationStatus | undefined;
}

/** Whose public keys (age1..., or RSA or X25519 as PEM) the new shares are encrypted to, one a share, in the order of the shares. */
type Recipients = readonly string[];

/** How a secret is to be split: `threshold` of `shares` open it, 1 <= threshold <= shares <= 255. */
export interface Split {
  readonly shares: number;
  readonly threshold: number;
  readonly recipients?: Recipients;
}

/**
 * An operation on the root key. `rekey` changes the shares (of the seal; or the recovery shares of a seal that opens by
 * itself), `rotate-root` makes a new root key and a new generation, `admin-token` makes another administrator token
 * (see `replaceAdminToken`), `migrate` changes to another seal, which reads what it needs (passphrase file, HSM) from the settings
 * of the node; `split` is there where it is to be `shamir`.
 */
export type RootOperation =
  | { readonly kind: 'rekey'; readonly split: Split }
  | { readonly kind: 'rotate-root' }
  | { readonly kind: 'admin-token' }
  | { readonly kind: 'migrate'; readonly to: SealName; readonly split?: Split };

/** How far an operation on the root key is. */
export interface OperationStatus {
  readonly kind: RootOperation['kind'];
  /** Ties every given share to this operation: a share that comes with another nonce is not used. */
  readonly nonce: string;
  readonly cnt: number;
  /** Shares that the operation asks for; 0 where the seal opens by itself and has no recovery shares. */
  readonly required: number;
}

/** What became of an operation that is complete. `Text` is Secret (ASCII) in the primary, which wipes what it has shown. */
export interface OperationResult<Text = string> {
  readonly kind: RootOperation['kind'];
  /** The new shares, to be shown once and kept nowhere; empty where the operation makes none. */
  readonly shares: readonly Text[];
  /** The new administrator token, to be shown once and kept nowhere, where the operation makes one. */
  readonly adminToken?: Text;
}

/** Why a share was not taken. */
export type Refusal =
  /** Not the form of a share at all. */
  | 'malformed'
  /** A typing error: the check does not fit. */
  | 'check-failed'
  | 'other-installation'
  /** Of a split that was replaced by a later one. */
  | 'older-split'
  /** Already given. */
  | 'duplicate'
  /** The form is right, and it is none of the shares that were handed out. */
  | 'false-share';

/**
 * The shares that were not taken, by their positions in the list that was given, from 0. `message` is for people, and tells
 * nothing of the secret.
 */
export type Refused = readonly { readonly position: number; readonly refusal: Refusal; readonly message: string }[];

/** What `submit` did with the shares. */
export interface Submission<Text = string> {
  readonly refused: Refused;
  /** The status afterwards. */
  readonly status: SealStatus;
  /** There when the last missing share completed an operation. */
  readonly completed: OperationResult<Text> | undefined;
}

/** An operation that was begun. */
export interface Begun<Text = string> {
  readonly operation: OperationStatus;
  /** There where the operation needed no shares. */
  readonly completed: OperationResult<Text> | undefined;
}

/**
 * The seal of a node as its listeners and commands see it. A worker's implementation asks the primary over the pipe.
 * Failures are KmipErrors: `invalid-field` (an impossible split, an unknown nonce, a public key that is none),
 * `wrong-state` (nothing to unseal; another operation is under way; what does not suit the seal; new shares, where there are
 * none that could agree), `sealed`, `store-unavailable`.
 * Callers have checked who asks: `seal`, `begin`, `cancel` and `submit` with a nonce are for whom `verifyAdminToken` knows;
 * `submit` without a nonce and `replaceAdminToken` are for everyone.
 */
export interface SealControl<Text = string> {
  status(): Promise<SealStatus>;
  /**
   * Gives shares (ASCII, one each, white space around it does not count): to unseal, or with a nonce, to the operation of
   * that nonce. They are wiped. A complete set that does not open the keyring is thrown away whole: `cnt` is 0 again,
   * and `status.reason` says why. No shares at all: a seal that opens by itself is tried again; the
   * result of an operation that is complete is given once more, for who has lost the answer.
   */
  submit(shares: readonly Secret[], nonce?: string): Promise<Submission<Text>>;
  /**
   * Seals this node, or with `all` every node of the database. Resolves when it is certain to happen; the workers then end
   * as soon as answers in flight have left, and sealed ones take their places.
   */
  seal(options: { readonly all: boolean }): Promise<void>;
  /** Begins an operation; where it needs no shares, it is complete when this resolves. */
  begin(operation: RootOperation): Promise<Begun<Text>>;
  /**
   * Gives shares (as `submit`) to the operation `admin-token` of that nonce; without a nonce, begins one with them, where at least
   * one of them is taken. Shares are the whole authority: who asks may have lost the token. What became of it is told to
   * whoever gives the last one, and never again. Throws `wrong-state` where there are no shares that could open the seal.
   */
  replaceAdminToken(shares: readonly Secret[], nonce?: string): Promise<Submission<Text>>;
  /** Gives up the operation of that nonce, and forgets the shares that were given to it. */
  cancel(nonce: string): Promise<void>;
  /** The rows of wrapped keys that do not open, for whom `verifyAdminToken` knows. Throws `sealed`. */
  brokenKeys(): Promise<readonly BrokenKey[]>;
  /** Whether it is the administrator token of this installation; also while the node is sealed. Takes equally long for all, and wipes it. */
  verifyAdminToken(token: Secret): Promise<boolean>;
}
