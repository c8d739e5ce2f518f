import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Plays a terminal: waits for each prompt and types the answer; then prints what the terminal showed, and ends with the
 * exit code of the program.
 */
const player = `
import os, pty, select, sys
answers = list(zip(sys.argv[1].split('\\x1f')[::2], sys.argv[1].split('\\x1f')[1::2]))
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
shown, start = b'', 0
while True:
    try:
        chunk = os.read(terminal, 4096)
    except OSError:
        break
    if not chunk:
        break
    shown += chunk
    if answers and answers[0][0].encode() in shown[start:]:
        start = len(shown)
        os.write(terminal, answers.pop(0)[1].encode() + b'\\r')
sys.stdout.write(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** What is typed at which prompt. */
export type Dialogue = readonly (readonly [prompt: string, answer: string])[];

/** Runs a program at a terminal: what it showed, and its exit code. */
export async function atTerminal(
  dialogue: Dialogue,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const child = spawn('/usr/bin/python3', ['-c', player, dialogue.flat().join('\x1f'), ...command], { env });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  child.stderr.pipe(process.stderr);
  await once(child, 'close');
  return { code: child.exitCode, shown };
}
