/** What went wrong, for programs to decide by; the message says it in words. Neither holds anything secret. */
export type KeyChainErrorCode =
  /** The bytes are not encrypted data of this library, or have something behind their end. */
  | 'malformed'
  /** The bytes end before the encrypted data does. */
  | 'truncated'
  /** The data was encrypted by another chain. */
  | 'other-chain'
  /** The chain has no key of the number that the data names. */
  | 'unknown-key'
  /** The data or what goes with it (header, encrypted key, associated data) is not what was encrypted. */
  | 'not-authentic'
  /** The data is longer than can be encrypted at once. */
  | 'too-large'
  /** The chain was sealed by another root, or its seal was changed. */
  | 'wrong-root'
  /** The root cannot be reached, or refuses. */
  | 'root-unavailable'
  /** What the store holds is no chain, a changed one, or an older one than was seen before. */
  | 'damaged-chain'
  /** The store cannot be read or written, or others keep writing it. */
  | 'store-unavailable'
  /** The chain was closed. */
  | 'closed'
  /** An option has a value that is not possible. */
  | 'invalid-option';

/** The error of every function of the library. */
export class KeyChainError extends Error {
  override readonly name = 'KeyChainError';
  readonly code: KeyChainErrorCode;

  constructor(code: KeyChainErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
