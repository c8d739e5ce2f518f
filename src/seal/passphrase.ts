import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { openBytes, sealBytes } from '../crypto/envelope.ts';
import { Secret } from '../crypto/secret.ts';
import type { WrappedRootKey } from '../store/store.ts';
import { PROMPT } from './prompt.ts';
import { type RootKeyProvider, SealError, type SealedRootKey } from './root-key.ts';
import { readSecretFile } from './secret-file.ts';
import { membersOf, ROOT_KEY_BYTES, rootKeyContext } from './wrapped-root-key.ts';

const derive = promisify(pbkdf2);

const SALT_BYTES = 32;
const ITERATIONS = 600_000;
/** What an edited row may ask for at most: about half a minute. */
const MOST_ITERATIONS = 50_000_000;
const LEAST_CHARACTERS = 12;

/** The public parameters in the installation row. */
interface Parameters {
  readonly kdf: 'PBKDF2-HMAC-SHA256';
  readonly iterations: number;
  /** Base64. */
  readonly salt: string;
}

/** The seal that a passphrase opens: the root key is wrapped under a key derived from it (PBKDF2, RFC 8018). */
export class PassphraseSeal implements RootKeyProvider {
  readonly seal = 'passphrase';
  readonly #passphrase: Secret;
  readonly #origin: string;

  /** Takes the passphrase over. `origin` says in messages where it came from. */
  constructor(passphrase: Secret, origin: string) {
    this.#passphrase = passphrase;
    this.#origin = origin;
  }

  async wrap(installationId: string, rootKey: Secret): Promise<WrappedRootKey> {
    const salt = randomBytes(SALT_BYTES).toString('base64');
    const chosen: Parameters = { kdf: 'PBKDF2-HMAC-SHA256', iterations: ITERATIONS, salt };
    const parameters = JSON.stringify(chosen);
    using key = await this.#derive(chosen);
    return {
      parameters,
      wrapped: sealBytes(key.expose(), rootKey.expose(), rootKeyContext(this.seal, installationId, parameters)),
    };
  }

  async unwrap(row: SealedRootKey): Promise<Secret> {
    using key = await this.#derive(readParameters(row.parameters));
    const rootKey = openBytes(key.expose(), row.wrapped, rootKeyContext(this.seal, row.id, row.parameters));
    if (rootKey?.length === ROOT_KEY_BYTES) return new Secret(rootKey);
    throw new SealError(
      `the passphrase in ${this.#origin} does not open this installation (${row.id}): it is another installation's, or the installation row was changed`,
    );
  }

  close(): void {
    this.#passphrase.wipe();
  }

  async #derive({ salt, iterations }: Parameters): Promise<Secret> {
    const passphrase = this.#passphrase.expose();
    return new Secret(await derive(passphrase, Buffer.from(salt, 'base64'), iterations, ROOT_KEY_BYTES, 'sha256'));
  }
}

/** Reads a passphrase file (see readSecretFile). Throws SealError in words. */
export async function readPassphrase(path: string): Promise<Secret> {
  const passphrase = await readSecretFile(path, 'passphrase');
  if (passphrase.length >= LEAST_CHARACTERS) return passphrase;
  passphrase.wipe();
  const where = path === PROMPT ? 'the passphrase' : `the passphrase in ${path}`;
  throw new SealError(`${where} must have at least ${LEAST_CHARACTERS} characters`);
}

function readParameters(json: string): Parameters {
  const { kdf, iterations, salt } = membersOf<Parameters>(json);
  const known = kdf === 'PBKDF2-HMAC-SHA256' && typeof salt === 'string' && Number.isSafeInteger(iterations);
  if (known && Number(iterations) >= ITERATIONS && Number(iterations) <= MOST_ITERATIONS) {
    return { kdf, iterations: Number(iterations), salt };
  }
  throw new SealError('the installation row has parameters of the passphrase seal that no version of Kleis writes');
}
