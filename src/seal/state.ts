import { KmipError } from '../errors.ts';
import type { Keyring } from './keyring.ts';

/** `uninitialised`: the database has no installation yet. */
export type NodeState = 'uninitialised' | 'sealed' | 'unsealed';

/** What a process knows of the seal: the state, and while it is unsealed, the keyring. */
export class SealState {
  #state: NodeState = 'uninitialised';
  #keyring: Keyring | undefined;
  #epoch: number | undefined;
  #complaint: string | undefined;
  readonly #emptied: (() => void)[] = [];

  get state(): NodeState {
    return this.#state;
  }

  /** Throws `sealed` when there is none. */
  get keyring(): Keyring {
    if (this.#keyring === undefined) throw sealedError();
    return this.#keyring;
  }

  /** What everything is answered that a sealed node does not answer; undefined where that is done. */
  get refusal(): KmipError | undefined {
    if (this.#state !== 'unsealed') return sealedError();
    return this.#complaint === undefined ? undefined : new KmipError('not-ready', this.#complaint);
  }

  /** Why the node is not ready though it is unsealed, in words; undefined: it is. */
  complain(complaint: string | undefined): void {
    this.#complaint = complaint;
  }

  /** `epoch`: how often all nodes had been sealed by then. */
  unseal(keyring: Keyring, epoch?: number): void {
    this.#keyring = keyring;
    this.#epoch = epoch;
    this.#state = 'unsealed';
  }

  /** How often all nodes had been sealed when this one was unsealed; undefined where nobody said. */
  get epoch(): number | undefined {
    return this.#epoch;
  }

  /** Seals where all nodes were sealed since this one was unsealed, and throws `sealed` then. */
  heed(epoch: number | undefined): void {
    if (epoch === undefined || this.#epoch === undefined || epoch <= this.#epoch) return;
    this.seal();
    throw sealedError();
  }

  /** Drops the keyring, and has everything forgotten that was opened with it. */
  seal(): void {
    this.#keyring = undefined;
    this.#state = 'sealed';
    for (const empty of this.#emptied) empty();
  }

  /** `empty` is called when the node is sealed: whoever remembers opened keys forgets them. */
  onSeal(empty: () => void): void {
    this.#emptied.push(empty);
  }
}

/** What everybody is told whom a sealed node does not answer. */
export function sealedError(): KmipError {
  return new KmipError('sealed', 'the server is sealed');
}
