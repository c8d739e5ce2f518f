import type { Buffer } from 'node:buffer';

/**
 * The external key that a chain is sealed by. It is called when a chain is made, opened or rotated, and not for data: a
 * chain's keys are encrypted under a sealing key, and the root encrypts only that.
 */
export interface Root {
  /** Names the kind of root in the chain, for error messages: 1 to 255 ASCII characters. */
  readonly name: string;
  /**
   * Encrypts a sealing key (32 bytes, which the caller zeroes), authenticated together with `context` (at most 300 bytes), to at most 65 535 bytes
   * that hold all that `unwrap` needs beside the root.
   * @throws KeyChainError `root-unavailable`
   */
  wrap(key: Buffer, context: Buffer): Promise<Buffer>;
  /**
   * The sealing key, which the caller zeroes.
   * @throws KeyChainError `wrong-root` where wrapped bytes or context are not those of `wrap`; `root-unavailable`
   */
  unwrap(wrapped: Buffer, context: Buffer): Promise<Buffer>;
}
