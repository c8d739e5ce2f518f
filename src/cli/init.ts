import { Command, Option } from 'commander';
import type { Flags } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { shownText } from '../crypto/secret.ts';
import type { Initialised, NewSeal } from '../installation.ts';
import { addSettings, settingsOf } from './options.ts';
import { addSplit, type SplitFlags, splitOf } from './split.ts';

interface InitFlags extends Flags, SplitFlags {
  readonly seal: NewSeal['seal'];
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
      const shown = { ...made, shares: made.shares.map(shownText), adminToken: shownText(made.adminToken) };
      if (flags.json) console.log(JSON.stringify({ shares: shown.shares, admin_token: shown.adminToken }));
      else console.log(report(settings, flags, shown));
    });
}

interface Shown extends Pick<Initialised, 'database'> {
  readonly shares: readonly string[];
  readonly adminToken: string;
}

/** Says of every secret that is shown whose it is, and of every file that it must be kept. */
function report({ passphraseFile }: Settings, flags: InitFlags, { database, shares, adminToken }: Shown): string {
  const token = `Administrator token: ${adminToken}`;
  if (flags.seal === 'shamir') {
    return [
      `Initialised ${database}, sealed with ${shares.length} shares, of which ${flags.threshold} open it.`,
      ...shares.map((share, index) => `Share ${index + 1}: ${share}`),
      token,
      'Give each share to another person, and keep the token. They are shown this once, and kept nowhere: with fewer',
      `than ${flags.threshold} shares nothing will ever open again.`,
    ].join('\n');
  }
  const opener = flags.seal === 'passphrase' ? `the passphrase in ${passphraseFile}` : 'the key in the HSM';
  const lines = [`Initialised ${database}, opened by ${opener}.`, `${token} (shown this once)`];
  if (flags.seal === 'passphrase') {
    lines.push('Keep a copy of that file apart from the database and its backups: nothing opens without it.');
  }
  return lines.join('\n');
}
