import { SealError } from './root-key.ts';

/** In the place of a file: ask at the terminal. */
export const PROMPT = '-';

const ENTER: readonly number[] = [0x0a, 0x0d, 0x04];
const INTERRUPT = 0x03;
const ERASE: readonly number[] = [0x08, 0x7f];

/**
 * Asks at the terminal, without showing what is typed; UTF-8, without the line end. Throws SealError where there is no
 * terminal, or when the question is broken off.
 */
export async function promptHidden(question: string): Promise<Buffer> {
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

function readLine(input: NodeJS.ReadStream): Promise<Buffer> {
  const typed: number[] = [];
  const line = Promise.withResolvers<Buffer>();
  const read = (chunk: Buffer): void => {
    for (const byte of chunk) {
      if (byte === INTERRUPT) line.reject(new SealError('the question was broken off'));
      else if (ENTER.includes(byte)) line.resolve(Buffer.from(typed));
      else if (ERASE.includes(byte)) typed.pop();
      else typed.push(byte);
    }
    chunk.fill(0);
  };
  input.on('data', read).resume();
  return line.promise.finally(() => {
    input.off('data', read);
    typed.fill(0);
  });
}
