import { type FileHandle, open } from 'node:fs/promises';
import { Secret } from '../crypto/secret.ts';
import { PROMPT, promptHidden } from './prompt.ts';
import { SealError } from './root-key.ts';

/**
 * Reads a secret from a file: the whole text but for one line end. Only its owner may be able to read it and nobody to
 * write it (mode 0400). With the path `-` it is asked for at the terminal. `name` says what it is: `passphrase`, `PIN`.
 * Throws SealError in words.
 */
export async function readSecretFile(path: string, name: string): Promise<Secret> {
  if (path === PROMPT) return promptHidden(name);
  await using file = await openFile(path, name);
  const mode = (await file.stat()).mode & 0o777;
  if (mode !== 0o400) {
    const found = mode.toString(8).padStart(4, '0');
    throw new SealError(`the ${name} file ${path} has mode ${found}, it must be 0400: chmod 0400 ${path}`);
  }
  const text = await file.readFile();
  return new Secret(text.subarray(0, lengthWithoutLineEnd(text)));
}

async function openFile(path: string, name: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw new SealError(`the ${name} file ${path} cannot be read (${codeOf(error)})`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

function lengthWithoutLineEnd(text: Buffer): number {
  if (text.at(-1) !== 0x0a) return text.length;
  return text.at(-2) === 0x0d ? text.length - 2 : text.length - 1;
}
