import * as v from 'valibot';
import { Secret } from '../../crypto/secret.ts';
import type { Refused, Split } from '../../seal/control.ts';
import type { Verdict } from './operation.ts';

// Parts that payloads have in common. What clients send is strict: a misspelt field is an error.

/** The x of a share is one byte, and never 0. */
const MOST_SHARES = 255;
/** Longer than a share, and than a public key that one is encrypted to. */
const LONGEST_TEXT = 4_096;

/** What people and programs write: an identifier, a name, a public key. */
export const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(LONGEST_TEXT));

/** Unlike text, it can be wiped, and does not print. */
const secret = v.pipe(
  v.instance(Secret),
  v.check(({ length }) => length <= LONGEST_TEXT),
);

/** No fields at all. */
export const nothing = v.strictObject({});

/** A share as it was handed out: its text, or the bytes of that. */
export const share = v.union([text, secret]);

/** Shares, which are held in a type that can be wiped from here on. */
export const shares = v.pipe(
  v.array(share),
  v.maxLength(MOST_SHARES),
  v.transform((given) => given.map((share) => (typeof share === 'string' ? new Secret(Buffer.from(share)) : share))),
);

export const nonce = v.pipe(v.string(), v.nonEmpty(), v.maxLength(100));

export const sealName = v.picklist(['shamir', 'passphrase', 'pkcs11']);

const shareCount = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_SHARES));

/** How a secret is to be split. Whether it can be split so, the seal says. */
export const split: v.GenericSchema<unknown, Split> = v.strictObject({
  shares: shareCount,
  threshold: shareCount,
  recipients: v.exactOptional(v.pipe(v.array(text), v.maxLength(MOST_SHARES))),
});

const kind = v.picklist(['rekey', 'rotate-root', 'admin-token', 'migrate']);
const counts = { cnt: v.number(), required: v.number() };

const operation = v.object({ kind, nonce: v.string(), ...counts });
const completed = v.object({ kind, shares: v.array(v.string()), adminToken: v.exactOptional(v.string()) });

export const status = v.object({
  state: v.picklist(['uninitialised', 'sealed', 'unsealed']),
  seal: v.exactOptional(sealName),
  ...counts,
  reason: v.exactOptional(v.string()),
  operation: v.exactOptional(operation),
});

export const refused = v.array(v.object({ position: v.number(), refusal: v.string(), message: v.string() }));

export const begun = v.object({ operation, completed: v.exactOptional(completed) });

export const submission = v.object({ refused, status, completed: v.exactOptional(completed) });

/** What the audit file says of shares that were given: the reason is why the first of those was not taken. */
export function verdictOn(refusals: Refused): Verdict {
  const [first] = refusals;
  return first === undefined ? { result: 'success' } : { result: 'failed', reason: first.refusal };
}
