import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { openBytes, sealBytes } from '../crypto/envelope.ts';
import type { WrappedRootKey } from '../store/store.ts';
import { context } from './contexts.ts';
import { PROMPT } from './prompt.ts';
import { type RootKeyProvider, SealError, type SealedRootKey } from './root-key.ts';
import { readSecretFile } from './secret-file.ts';
import { StoredTag } from './stored-tags.ts';

const derive = promisify(pbkdf2);

const KEY_BYTES = 32;
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
  readonly #passphrase: Buffer;
  readonly #origin: string;

  /** `origin` says in messages where the passphrase came from. */
  constructor(passphrase: Buffer, origin: string) {
    this.#passphrase = passphrase;
    this.#origin = origin;
  }

  async wrap(installationId: string, rootKey: Buffer): Promise<WrappedRootKey> {
    const salt = randomBytes(SALT_BYTES).toString('base64');
    const chosen: Parameters = { kdf: 'PBKDF2-HMAC-SHA256', iterations: ITERATIONS, salt };
    const parameters = JSON.stringify(chosen);
    const key = await this.#derive(chosen);
    const wrapped = sealBytes(key, rootKey, contextOf(installationId, parameters));
    key.fill(0);
    return { parameters, wrapped };
  }

  async unwrap(row: SealedRootKey): Promise<Buffer> {
    const key = await this.#derive(readParameters(row.parameters));
    const rootKey = openBytes(key, row.wrapped, contextOf(row.id, row.parameters));
    key.fill(0);
    if (rootKey?.length === KEY_BYTES) return rootKey;
    throw new SealError(
      `the passphrase in ${this.#origin} does not open this installation (${row.id}): it is another installation's, or the installation row was changed`,
    );
  }

  close(): void {
    this.#passphrase.fill(0);
  }

  /** Bytes, which can be zeroed. */
  #derive({ salt, iterations }: Parameters): Promise<Buffer> {
    return derive(this.#passphrase, Buffer.from(salt, 'base64'), iterations, KEY_BYTES, 'sha256');
  }
}

/**
 * Reads a passphrase file (see readSecretFile). Throws SealError in words.
 */
export async function readPassphrase(path: string): Promise<Buffer> {
  const passphrase = await readSecretFile(path, 'passphrase');
  if (passphrase.length >= LEAST_CHARACTERS) return passphrase;
  const where = path === PROMPT ? 'the passphrase' : `the passphrase in ${path}`;
  throw new SealError(`${where} must have at least ${LEAST_CHARACTERS} characters`);
}

function contextOf(installationId: string, parameters: string): Buffer {
  return context((writer) => {
    writer.writeTextString(StoredTag.Installation, installationId);
    writer.writeTextString(StoredTag.Role, 'root key');
    writer.writeTextString(StoredTag.SealName, 'passphrase');
    writer.writeTextString(StoredTag.SealParameters, parameters);
  });
}

function readParameters(json: string): Parameters {
  const read = parse(json);
  const { kdf, iterations, salt } = read;
  const known = kdf === 'PBKDF2-HMAC-SHA256' && typeof salt === 'string' && Number.isSafeInteger(iterations);
  if (known && Number(iterations) >= ITERATIONS && Number(iterations) <= MOST_ITERATIONS) {
    return { kdf, iterations: Number(iterations), salt };
  }
  throw new SealError('the installation row has parameters of the passphrase seal that no version of Kleis writes');
}

function parse(json: string): Partial<Record<keyof Parameters, unknown>> {
  try {
    return { ...JSON.parse(json) };
  } catch {
    return {};
  }
}
