import { createHmac } from 'node:crypto';
import { Secret } from './secret.ts';

/**
 * 32 bytes by HKDF-SHA256 (RFC 5869); text is taken as UTF-8. It is put together of HMACs, as hkdfSync makes a key object of the
 * secret, a copy that is in memory until it is collected.
 */
export function hkdf(secret: Secret, salt: string | Buffer, info: string | Buffer): Secret {
  using pseudorandom = new Secret(createHmac('sha256', salt).update(secret.expose()).digest());
  return new Secret(createHmac('sha256', pseudorandom.expose()).update(info).update(FIRST).digest());
}

const FIRST = Buffer.of(1);
