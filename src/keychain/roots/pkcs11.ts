import { Buffer } from 'node:buffer';
import { Pkcs11Error, type Pkcs11Options, Pkcs11Token } from '../../crypto/pkcs11-token.ts';
import { Secret } from '../../crypto/secret.ts';
import { KeyChainError } from '../error.ts';
import type { Root } from '../root.ts';

/**
 * A key on a PKCS#11 token, which never leaves it. The wrapped key: nonce (12), ciphertext (32), tag (16); AES-GCM,
 * additional data: the chain's context. Needs the npm package `pkcs11js`.
 */
export class Pkcs11Root implements Root {
  readonly name = 'pkcs11';
  readonly #token: Pkcs11Token;

  constructor(options: Omit<Pkcs11Options, 'pin'> & { readonly pin: string }) {
    this.#token = new Pkcs11Token({ ...options, pin: new Secret(Buffer.from(options.pin)) });
  }

  async wrap(key: Buffer, context: Buffer): Promise<Buffer> {
    return reporting(() => this.#token.encrypt(key, context));
  }

  async unwrap(wrapped: Buffer, context: Buffer): Promise<Buffer> {
    const key = await reporting(() => this.#token.decrypt(wrapped, context));
    if (key !== undefined) return key;
    throw new KeyChainError('wrong-root', 'the key of the token does not open the chain, or the chain was changed');
  }
}

async function reporting<T>(task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    if (cause instanceof Pkcs11Error) throw new KeyChainError('root-unavailable', cause.message, { cause });
    throw cause;
  }
}
