import { Secret } from '../crypto/secret.ts';
import { SealError } from './root-key.ts';

/** In the place of a file: ask at the terminal. */
export const PROMPT = '-';

const ENTER: readonly number[] = [0x0a, 0x0d, 0x04];
const INTERRUPT = 0x03;
const ERASE: readonly number[] = [0x08, 0x7f];
/** Longer than anything that is typed. */
const MOST_BYTES = 4096;

/**
 * Asks at the terminal, without showing what is typed; UTF-8, without the line end. Throws SealError where there is no
 * terminal, or when the question is broken off.
 */
export async function promptHidden(question: string): Promise<Secret> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) throw new SealError(`there is no terminal to ask at for: ${question}`);
  // What is typed from now on is not shown.
  stdin.setRawMode(true);
  try {
    stderr.write(`${question}: `);
    return await readLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function readLine(input: NodeJS.ReadStream): Promise<Secret> {
  const typed = Buffer.alloc(MOST_BYTES);
  let length = 0;
  const line = Promise.withResolvers<Secret>();
  const read = (chunk: Buffer): void => {
    for (const byte of chunk) {
      if (byte === INTERRUPT) line.reject(new SealError('the question was broken off'));
      else if (ENTER.includes(byte)) line.resolve(new Secret(Buffer.from(typed.subarray(0, length))));
      else if (ERASE.includes(byte)) length = Math.max(0, length - 1);
      else if (length < MOST_BYTES) typed[length++] = byte;
    }
    chunk.fill(0);
  };
  input.on('data', read).resume();
  return line.promise.finally(() => {
    input.off('data', read);
    typed.fill(0);
  });
}
