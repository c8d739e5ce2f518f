import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Flags } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import type { Initialised, NewSeal } from '../installation.ts';
import { addSettings, settingsOf } from './options.ts';

interface InitFlags extends Flags {
  readonly seal: NewSeal['seal'];
  readonly shares: number;
  readonly threshold: number;
  readonly recipient?: readonly string[];
  readonly json?: true;
}

/** `kleis init` */
export function initCommand(): Command {
  return addSplit(addSettings(new Command('init')))
    .description('make a data folder: database, the first key of its keyring, and what opens its seal')
    .addOption(
      new Option('--seal <seal>', 'what protects the root key')
        .choices(['passphrase', 'shamir', 'pkcs11'])
        .default('passphrase'),
    )
    .option('--json', 'print shares and token as JSON')
    .action(async (flags: InitFlags) => {
      const settings = settingsOf(flags);
      const { initialise } = await import('../installation.ts');
      const made = await initialise(settings, {
        seal: flags.seal,
        ...(flags.seal === 'shamir' && { split: splitOf(flags) }),
      });
      if (flags.json) console.log(JSON.stringify({ shares: made.shares, admin_token: made.adminToken }));
      else console.log(report(settings, flags, made));
    });
}

/** Options for how a secret is to be split. */
export function addSplit(command: Command): Command {
  return command
    .option('--shares <number>', 'how many shares there are to be', wholeNumber, 5)
    .option('--threshold <number>', 'how many of them open the seal', wholeNumber, 3)
    .option(
      '--recipient <key...>',
      'public keys, one a share, that the shares are encrypted to: age1..., or the path of an RSA public key (PEM)',
    );
}

/** The split of a command's options. */
export function splitOf({ shares, threshold, recipient }: Pick<InitFlags, 'shares' | 'threshold' | 'recipient'>): {
  readonly shares: number;
  readonly threshold: number;
  readonly recipients?: readonly string[];
} {
  const recipients = recipient?.map((key) => (key.startsWith('age1') ? key : readFileSync(key, 'utf8')));
  return { shares, threshold, ...(recipients && { recipients }) };
}

function wholeNumber(text: string): number {
  if (/^[0-9]{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

/** Says of every secret that is shown whose it is, and of every file that it must be kept. */
function report(
  { databaseFile, passphraseFile }: Settings,
  flags: InitFlags,
  { shares, adminToken }: Initialised,
): string {
  const token = `Administrator token: ${adminToken}`;
  if (flags.seal === 'shamir') {
    return [
      `Initialised ${databaseFile}, sealed with ${shares.length} shares, of which ${flags.threshold} open it.`,
      ...shares.map((share, index) => `Share ${index + 1}: ${share}`),
      token,
      'Give each share to another person, and keep the token. They are shown this once, and kept nowhere: with fewer',
      `than ${flags.threshold} shares nothing will ever open again.`,
    ].join('\n');
  }
  const opener = flags.seal === 'passphrase' ? `the passphrase in ${passphraseFile}` : 'the key in the HSM';
  const lines = [`Initialised ${databaseFile}, opened by ${opener}.`, `${token} (shown this once)`];
  if (flags.seal === 'passphrase') {
    lines.push('Keep a copy of that file apart from the database and its backups: nothing opens without it.');
  }
  return lines.join('\n');
}
