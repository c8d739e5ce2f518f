import type { Buffer } from 'node:buffer';

/** A chain as it is stored. */
export interface Stored {
  readonly bytes: Buffer;
  /** Another one after every change; it means something only to its store. */
  readonly revision: string;
}

/** Where a chain is kept, for any number of processes. Nothing in it is secret. */
export interface ChainStore {
  /**
   * What was saved last, by whichever process; undefined before the first time.
   * @throws KeyChainError `store-unavailable`
   */
  load(): Promise<Stored | undefined>;
  /**
   * Replaces the chain, if it still has the revision; `undefined` stands for a chain that is not there yet. False if
   * somebody else was first. Once true, the bytes outlast a crash of the process and of the machine.
   * @throws KeyChainError `store-unavailable`; the chain may have been replaced nevertheless
   */
  save(bytes: Buffer, revision: string | undefined): Promise<boolean>;
}
