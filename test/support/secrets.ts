import { Secret } from '../../src/crypto/secret.ts';

/** A secret that is this text. */
export const secretOf = (text: string): Secret => new Secret(Buffer.from(text));

/** What a secret is, as text. */
export const textOf = (secret: Secret | undefined): string => secret?.expose().toString() ?? '';
