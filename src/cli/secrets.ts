import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { PROMPT, promptHidden } from '../seal/prompt.ts';

const LINE_FEED = 0x0a;

/** Where a command takes shares from. */
export interface ShareFlags {
  readonly file?: readonly string[];
}

/** Options for who gives shares. */
export function addShareFiles(command: Command): Command {
  return command.option(
    '--file <path...>',
    'files with shares, one a line; `-` is standard input (default: ask at the terminal)',
  );
}

/** The option for the administrator token. */
export function addTokenFile(command: Command): Command {
  return command.option(
    '--token-file <path>',
    'the file with the administrator token (default: ask at the terminal)',
    PROMPT,
  );
}

/** The administrator token, from the file or the terminal. */
export async function readToken({ tokenFile }: { readonly tokenFile: string }): Promise<Buffer> {
  if (tokenFile === PROMPT) return (await promptHidden('Administrator token')).expose();
  const [token = Buffer.alloc(0)] = linesOf(await readFile(tokenFile));
  return token;
}

/**
 * Shares to be given, in portions: all of the files at once; else one after the other from the terminal, until whoever is
 * asked gives none.
 */
export async function* shareSource({ file }: ShareFlags): AsyncIterable<readonly Buffer[]> {
  const paths = file ?? (process.stdin.isTTY ? undefined : [PROMPT]);
  if (paths !== undefined) {
    const shares: Buffer[] = [];
    for (const path of paths) shares.push(...linesOf(path === PROMPT ? await standardInput() : await readFile(path)));
    yield shares;
    return;
  }
  for (;;) {
    const share = (await promptHidden('Share (empty: no more)')).expose();
    if (share.length === 0) return;
    yield [share];
  }
}

/** Shares, one a line; the buffers are zeroed. */
export function joinLines(shares: readonly Buffer[]): Buffer {
  const lines = Buffer.concat(shares.flatMap((share) => [share, Buffer.of(LINE_FEED)]));
  for (const share of shares) share.fill(0);
  return lines;
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Lines that are not empty. */
function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed === -1 ? bytes.length : feed;
    const line = Buffer.from(bytes.subarray(start, bytes[end - 1] === 0x0d ? end - 1 : end));
    if (line.length > 0) lines.push(line);
    start = end + 1;
  }
  bytes.fill(0);
  return lines;
}
