import { constants, createPublicKey, type KeyObject, publicEncrypt } from 'node:crypto';
import { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';

const LEAST_RSA_BITS = 2048;

type Encrypt = (share: Secret) => Promise<string>;

/** Kinds of public keys in PEM. What they make of a share is opened by an `Identity`, and by the tools named here. */
const kinds: Readonly<Record<string, (key: KeyObject) => Encrypt | undefined>> = {
  // A line of base64: openssl pkeyutl -decrypt -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256
  rsa: (key) =>
    (key.asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_RSA_BITS ? undefined : async (share) => withRsa(key, share),
  // The same curve and bytes as a recipient of age.
  x25519: (key) => async (share) => withAge(await ageRecipient(key), share),
};

/**
 * Encrypts the text of a share to one person's public key: an age recipient (`age1...`) or an X25519 key (PEM, SPKI), for an
 * armored age file; or an RSA key (PEM, SPKI or PKCS#1) of 2 048 bits or more, for a line of base64 (RSAES-OAEP with SHA-256).
 * Throws `invalid-field` for others.
 */
export async function encryptShare(recipient: string, share: Secret): Promise<string> {
  return encrypterOf(recipient.trim())(share);
}

/** Throws `invalid-field` where a recipient is no key that shares can be encrypted to. */
export async function checkRecipients(recipients: readonly string[]): Promise<void> {
  for (const recipient of recipients) await encryptShare(recipient, new Secret(Buffer.of(0)));
}

function encrypterOf(recipient: string): Encrypt {
  if (recipient.startsWith('age1')) return (share) => withAge(recipient, share);
  const key = publicKey(recipient);
  const encrypt = kinds[key.asymmetricKeyType ?? '']?.(key);
  if (encrypt !== undefined) return encrypt;
  throw new KmipError(
    'invalid-field',
    `shares are encrypted to age recipients, X25519 keys, and RSA keys of ${LEAST_RSA_BITS} bits or more`,
  );
}

/** The library is large, and few installations need it. */
async function withAge(recipient: string, share: Secret): Promise<string> {
  const { armor, Encrypter } = await import('age-encryption');
  try {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    return armor.encode(await encrypter.encrypt(share.expose()));
  } catch (cause) {
    throw new KmipError('invalid-field', `nothing can be encrypted to ${recipient}`, { cause });
  }
}

/** Bech32 of the 32 bytes of the key (RFC 7748). */
async function ageRecipient(key: KeyObject): Promise<string> {
  const { bech32 } = await import('@scure/base');
  return bech32.encodeFromBytes('age', Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
}

function withRsa(key: KeyObject, share: Secret): string {
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, share.expose()).toString(
    'base64',
  );
}

function publicKey(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY'))
    throw new KmipError('invalid-field', 'this is a private key: keep it, and give its public key');
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new KmipError('invalid-field', 'a recipient is neither an age recipient (age1...) nor a public key in PEM', {
      cause,
    });
  }
}
