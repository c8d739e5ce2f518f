import { constants, createPublicKey, type KeyObject, publicEncrypt } from 'node:crypto';
import { armor, Encrypter } from 'age-encryption';
import { KmipError } from '../errors.ts';

const LEAST_RSA_BITS = 2048;

/**
 * Encrypts the text of a share to one person's public key: an age recipient (`age1...`), for an armored age file that
 * `age --decrypt` opens; or an RSA key (PEM, SPKI or PKCS#1), for one line of base64 that
 * `openssl pkeyutl -decrypt -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256` opens. Throws `invalid-field` for others.
 */
export async function encryptShare(recipient: string, share: Buffer): Promise<string> {
  const key = recipient.trim();
  return key.startsWith('age1') ? encryptWithAge(key, share) : encryptWithRsa(rsaKey(key), share);
}

/** Throws `invalid-field` where a recipient is no key that shares can be encrypted to. */
export async function checkRecipients(recipients: readonly string[]): Promise<void> {
  for (const recipient of recipients) await encryptShare(recipient, Buffer.of(0));
}

async function encryptWithAge(recipient: string, share: Buffer): Promise<string> {
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch (cause) {
    throw new KmipError('invalid-field', `${recipient} is no age recipient`, { cause });
  }
  return armor.encode(await encrypter.encrypt(Uint8Array.from(share)));
}

function encryptWithRsa(key: KeyObject, share: Buffer): string {
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, share).toString(
    'base64',
  );
}

function rsaKey(pem: string): KeyObject {
  const key = publicKey(pem);
  if (key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS) return key;
  throw new KmipError(
    'invalid-field',
    `shares are encrypted to age recipients and RSA keys of ${LEAST_RSA_BITS} bits or more`,
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
