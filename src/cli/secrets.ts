import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Secret } from '../crypto/secret.ts';
import { PROMPT, promptHidden } from '../seal/prompt.ts';
import { SealError } from '../seal/root-key.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const ARMOR_BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';
const ARMOR_END = '-----END AGE ENCRYPTED FILE-----';
/** Base64 of what an RSA key of 2 048 bits makes. */
const LEAST_ENCRYPTED = 344;

/** Where a command takes shares from. */
export interface ShareFlags {
  readonly file?: readonly string[];
  readonly identity?: string;
}

/** Options for who gives shares. */
export function addShareFiles(command: Command): Command {
  return command
    .option('--file <path...>', 'files with shares, one a line; `-` is standard input (default: ask at the terminal)')
    .option(
      '--identity <path>',
      'the private key of whoever has encrypted shares: a file of age-keygen, or RSA or X25519 (PEM)',
    );
}

/** Where a command takes the administrator token from. */
export interface TokenFlags {
  readonly tokenFile?: string;
}

/** The option for the administrator token. */
export function addTokenFile(
  command: Command,
  meaning = 'the file with the administrator token (default: ask at the terminal)',
): Command {
  return command.option('--token-file <path>', meaning);
}

/** The administrator token, from the file or the terminal. */
export async function readToken({ tokenFile = PROMPT }: TokenFlags): Promise<Secret> {
  if (tokenFile === PROMPT) return promptHidden('Administrator token');
  const [token = new Secret(Buffer.alloc(0)), ...others] = linesOf(await readFile(tokenFile));
  for (const line of others) line.wipe();
  return token;
}

/**
 * Shares to be given, in portions: all of the files at once; else one after the other from the terminal, until whoever is
 * asked gives none. Throws SealError where the identity does not open one that is encrypted.
 */
export async function* shareSource({ file, identity }: ShareFlags): AsyncIterable<readonly Secret[]> {
  const open = identity === undefined ? encryptedShare : await openerOf(identity);
  const paths = file ?? (process.stdin.isTTY ? undefined : [PROMPT]);
  if (paths !== undefined) {
    const lines: Secret[] = [];
    for (const path of paths) lines.push(...linesOf(path === PROMPT ? await standardInput() : await readFile(path)));
    yield await opened(lines, open);
    return;
  }
  for (;;) {
    const line = await promptHidden('Share (empty: no more)');
    if (line.length === 0) return;
    yield await opened([line], open);
  }
}

/** Shares, one a line; they are wiped. */
export function joinLines(shares: readonly Secret[]): Secret {
  const lines = Buffer.concat(shares.flatMap((share) => [share.expose(), Buffer.of(LINE_FEED)]));
  for (const share of shares) share.wipe();
  return new Secret(lines);
}

type Open = (encrypted: string) => Promise<Secret>;

async function openerOf(path: string): Promise<Open> {
  const { identityOf } = await import('../seal/identities.ts');
  using file = new Secret(await readFile(path));
  const identity = await identityOf(file, () => promptHidden('Passphrase of the private key'));
  return (encrypted) => identity.open(encrypted);
}

/** Without an identity, the node says of a line what it thinks of it. */
const encryptedShare: Open = async () => {
  throw new SealError('a share is encrypted: --identity opens it');
};

/** The shares of lines, of which some are encrypted: a line of base64, or the lines of an armored file of age. */
async function opened(lines: readonly Secret[], open: Open): Promise<readonly Secret[]> {
  const shares: Secret[] = [];
  let armored: string[] | undefined;
  for (const line of lines) {
    const bytes = line.expose();
    if (bytes.includes(ARMOR_BEGIN)) armored = [ARMOR_BEGIN];
    else if (armored !== undefined) armored.push(bytes.toString());
    else shares.push(isEncrypted(bytes) ? await open(bytes.toString()) : line);
    if (armored === undefined || !bytes.includes(ARMOR_END)) continue;
    shares.push(await open(armored.join('\n')));
    armored = undefined;
  }
  return shares;
}

/** Longer than any share, which may be typed with spaces and hyphens, and of nothing but base64. */
function isEncrypted(line: Buffer): boolean {
  return line.length >= LEAST_ENCRYPTED && /^[A-Za-z0-9+/=\s]+$/.test(line.toString('latin1'));
}

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  for (const chunk of chunks) chunk.fill(0);
  return bytes;
}

/** Lines that are not empty. `bytes` are zeroed. */
function linesOf(bytes: Buffer): readonly Secret[] {
  const lines: Secret[] = [];
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed === -1 ? bytes.length : feed;
    const line = Buffer.from(bytes.subarray(start, bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end));
    if (line.length > 0) lines.push(new Secret(line));
    start = end + 1;
  }
  bytes.fill(0);
  return lines;
}
