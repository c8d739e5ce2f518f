import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { Split } from '../seal/control.ts';

/** The options of `addSplit`. */
export interface SplitFlags {
  readonly shares: number;
  readonly threshold: number;
  readonly recipient?: readonly string[];
}

/** Options for how a secret is to be split. */
export function addSplit(command: Command): Command {
  return command
    .option('--shares <number>', 'how many shares there are to be', wholeNumber, 5)
    .option('--threshold <number>', 'how many of them open the seal', wholeNumber, 3)
    .option(
      '--recipient <key...>',
      'public keys, one a share, that the shares are encrypted to: age1..., or the path of an RSA or X25519 public key (PEM)',
    );
}

/** The split of a command's options. */
export function splitOf({ shares, threshold, recipient }: SplitFlags): Split {
  const recipients = recipient?.map((key) => (key.startsWith('age1') ? key : readFileSync(key, 'utf8')));
  return { shares, threshold, ...(recipients && { recipients }) };
}

function wholeNumber(text: string): number {
  if (/^[0-9]{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
