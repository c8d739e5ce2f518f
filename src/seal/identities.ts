import { constants, createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto';
import { Secret } from '../crypto/secret.ts';
import { SealError } from './root-key.ts';

/** What opens shares that were encrypted to one person. */
export interface Identity {
  /**
   * The share (ASCII) in what `encryptShare` made of it: an armored age file or base64. Throws SealError where it was not
   * encrypted to this person.
   */
  open(encrypted: string): Promise<Secret>;
}

const AGE_IDENTITY = /^AGE-SECRET-KEY-\S+$/gm;

/** Kinds of private keys in PEM. */
const kinds: Readonly<Record<string, (key: KeyObject) => Identity>> = {
  rsa: (key) => ({ open: (encrypted) => reporting(async () => openWithRsa(key, encrypted)) }),
  x25519: (key) => ageIdentity([key.toCryptoKey({ name: 'X25519' }, false, ['deriveBits'])]),
};

/**
 * A person's private key: a file of `age-keygen`, or an RSA or X25519 key (PEM; `passphrase` is asked for where the key is
 * encrypted). Throws SealError in words.
 */
export async function identityOf(file: Secret, passphrase: () => Promise<Secret>): Promise<Identity> {
  const text = file.expose().toString();
  const identities = text.match(AGE_IDENTITY);
  if (identities !== null) return ageIdentity(identities);
  const identity = text.includes('PRIVATE KEY') ? await keyIdentity(text, passphrase) : undefined;
  if (identity !== undefined) return identity;
  throw new SealError('the identity is neither a file of age-keygen nor a private RSA or X25519 key in PEM');
}

async function keyIdentity(pem: string, passphrase: () => Promise<Secret>): Promise<Identity | undefined> {
  using secret = pem.includes('ENCRYPTED') ? await passphrase() : undefined;
  try {
    const key = createPrivateKey({ key: pem, ...(secret && { passphrase: secret.expose() }) });
    return kinds[key.asymmetricKeyType ?? '']?.(key);
  } catch {
    throw new SealError('the private key of the identity does not open');
  }
}

function ageIdentity(identities: readonly (string | CryptoKey)[]): Identity {
  return {
    open: (encrypted) =>
      reporting(async () => {
        const { armor, Decrypter } = await import('age-encryption');
        const decrypter = new Decrypter();
        for (const identity of identities) decrypter.addIdentity(identity);
        const { buffer, byteOffset, length } = await decrypter.decrypt(armor.decode(encrypted));
        return Buffer.from(buffer, byteOffset, length);
      }),
  };
}

function openWithRsa(key: KeyObject, encrypted: string): Buffer {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return privateDecrypt({ key, padding, oaepHash: 'sha256' }, Buffer.from(encrypted, 'base64'));
}

/** Errors of the libraries are dropped: they may quote the key. */
async function reporting(open: () => Promise<Buffer>): Promise<Secret> {
  try {
    return new Secret(await open());
  } catch {
    throw new SealError('the identity does not open this share: it was encrypted to somebody else');
  }
}
