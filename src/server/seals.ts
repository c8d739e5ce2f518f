import { type Settings, settingsTable } from '../config/settings.ts';
import { PROMPT } from '../seal/prompt.ts';
import { type RootKeyProvider, SealError } from '../seal/root-key.ts';
import type { Seals } from '../seal/seals.ts';
import { readSecretFile } from '../seal/secret-file.ts';

/** The seals, as the settings have them. */
export async function openSeals(settings: Settings): Promise<Seals> {
  const { shamir } = await import('../seal/shamir.ts');
  const openers = { passphrase: openPassphraseSeal, pkcs11: openPkcs11Seal };
  return { shares: shamir, open: (seal) => openers[seal](settings) };
}

async function openPassphraseSeal({ passphraseFile }: Settings): Promise<RootKeyProvider> {
  const { PassphraseSeal, readPassphrase } = await import('../seal/passphrase.ts');
  const origin = passphraseFile === PROMPT ? 'the answer' : passphraseFile;
  return new PassphraseSeal(await readPassphrase(passphraseFile), origin);
}

async function openPkcs11Seal(settings: Settings): Promise<RootKeyProvider> {
  const { pkcs11Library: library, pkcs11Token: token, pkcs11Slot: slot, pkcs11PinFile, pkcs11Key: key } = settings;
  if (library === '' || (token === '' && slot < 0)) {
    const { pkcs11Library, pkcs11Token } = settingsTable;
    throw new SealError(`the seal pkcs11 needs ${pkcs11Library.env} and ${pkcs11Token.env}, or the number of a slot`);
  }
  const { Pkcs11Seal } = await import('../seal/pkcs11.ts');
  const pin = await readSecretFile(pkcs11PinFile, 'PIN');
  return new Pkcs11Seal({ library, token, ...(slot >= 0 && { slot }), pin, key });
}
