import { type CipherKey, createCipheriv, createDecipheriv } from 'node:crypto';
import { publicRandom } from './random.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts under a 256-bit key with AES-256-GCM and a random 96-bit nonce.
 * The result is nonce (12 bytes), ciphertext (as long as the plaintext), tag (16 bytes).
 */
export function sealBytes(key: CipherKey, plaintext: Buffer, context: Buffer): Buffer {
  const nonce = publicRandom(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(context);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext of what `sealBytes` made; undefined where key, bytes or context are not those of then. */
export function openBytes(key: CipherKey, sealed: Buffer, context: Buffer): Buffer | undefined {
  // Whoever forges a row may have put something else there than bytes.
  if (!Buffer.isBuffer(sealed) || sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(context);
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(NONCE_BYTES, end));
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    return undefined;
  }
}
