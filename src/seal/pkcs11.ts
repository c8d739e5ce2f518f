import { Pkcs11Error, type Pkcs11Options, Pkcs11Token } from '../crypto/pkcs11-token.ts';
import { Secret } from '../crypto/secret.ts';
import type { WrappedRootKey } from '../store/store.ts';
import { type RootKeyProvider, SealError, type SealedRootKey } from './root-key.ts';
import { membersOf, ROOT_KEY_BYTES, rootKeyContext } from './wrapped-root-key.ts';

/** The public parameters in the installation row: how the root key was wrapped, and the label of the key that did it. */
interface Parameters {
  readonly mechanism: 'CKM_AES_GCM';
  readonly key: string;
}

/**
 * The seal that an HSM opens: the root key is wrapped by an AES key that never leaves it. The label of that key is taken
 * from the installation row, where it is bound to the wrapped key; a new one has the label of the settings.
 */
export class Pkcs11Seal implements RootKeyProvider {
  readonly seal = 'pkcs11';
  readonly #options: Pkcs11Options;

  constructor(options: Pkcs11Options) {
    this.#options = options;
  }

  /** Makes the wrapping key where the HSM has none of that label. Throws SealError, also for a key that can leave the HSM. */
  async wrap(installationId: string, rootKey: Secret): Promise<WrappedRootKey> {
    const { key } = this.#options;
    const chosen: Parameters = { mechanism: 'CKM_AES_GCM', key };
    const parameters = JSON.stringify(chosen);
    const token = new Pkcs11Token(this.#options);
    return inWords(token, async () => {
      await token.makeKey();
      if (await token.isExtractable())
        throw new SealError(`the key ${key} can leave the HSM: it must be non-extractable`);
      return {
        parameters,
        wrapped: await token.encrypt(rootKey.expose(), rootKeyContext(this.seal, installationId, parameters)),
      };
    });
  }

  async unwrap({ id, parameters, wrapped }: SealedRootKey): Promise<Secret> {
    const { key } = readParameters(parameters);
    const token = new Pkcs11Token({ ...this.#options, key });
    const rootKey = await inWords(token, () => token.decrypt(wrapped, rootKeyContext(this.seal, id, parameters)));
    if (rootKey?.length === ROOT_KEY_BYTES) return new Secret(rootKey);
    throw new SealError(
      `the key ${key} of the HSM does not open this installation (${id}): it is another key of that label, or the row was changed`,
    );
  }

  close(): void {
    this.#options.pin.wipe();
  }
}

/** What is wrong with the HSM is told by the seal. Libraries may remember what is wrong: the next try begins anew. */
async function inWords<T>(token: Pkcs11Token, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof Pkcs11Error)) throw error;
    token.shutDown();
    throw new SealError(`the HSM does not open the seal: ${error.message}`, { cause: error });
  }
}

function readParameters(json: string): Parameters {
  const { mechanism, key } = membersOf<Parameters>(json);
  if (mechanism === 'CKM_AES_GCM' && typeof key === 'string') return { mechanism, key };
  throw new SealError('the installation row has parameters of the pkcs11 seal that no version of Kleis writes');
}
