import { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';
import type { Split } from './control.ts';
import { checkRecipients, encryptShare } from './recipients.ts';
import { isSplit } from './shamir-parameters.ts';

/** Throws `invalid-field` where shares cannot be made so. */
export async function checkSplit({ shares, threshold, recipients }: Split): Promise<void> {
  if (!isSplit(shares, threshold)) {
    throw new KmipError('invalid-field', 'there can be 1 to 255 shares, and a threshold from 1 to their number');
  }
  if (recipients === undefined) return;
  if (recipients.length !== shares) throw new KmipError('invalid-field', 'there must be one public key for each share');
  await checkRecipients(recipients);
}

/** The shares as they are shown: encrypted to their owners, where there are public keys. */
export async function encryptShares(
  shares: readonly Secret[],
  recipients: Split['recipients'],
): Promise<readonly Secret[]> {
  if (recipients === undefined) return shares;
  return Promise.all(
    shares.map(async (share, index) => {
      using plain = share;
      return new Secret(Buffer.from(await encryptShare(recipients[index] ?? '', plain)));
    }),
  );
}
