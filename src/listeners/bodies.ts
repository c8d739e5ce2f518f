import { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';

/** What a request body says: named values. */
export type Body = Readonly<Record<string, unknown>>;

const LINE_FEED = 0x0a;
const MOST_LINES = 1_000;

/** Shares, one a line; empty lines do not count. `bytes` are zeroed. */
export function sharesOf(bytes: Buffer): Body {
  const shares: Secret[] = [];
  for (let start = 0; start < bytes.length && shares.length < MOST_LINES; ) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed === -1 ? bytes.length : feed;
    const line = trimmed(bytes.subarray(start, end));
    if (line.length > 0) shares.push(new Secret(Buffer.from(line)));
    start = end + 1;
  }
  bytes.fill(0);
  return shares.length === 0 ? {} : { shares };
}

/** The members of a JSON object; `bytes` are zeroed. Throws `invalid-message` without a word of what was in it. */
export function jsonOf(bytes: Buffer): Body {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // The message of the parser would quote the body.
  } finally {
    bytes.fill(0);
  }
  throw new KmipError('invalid-message', 'the body must be a JSON object');
}

/** Wipes the shares of a body that was not used. */
export function discard(body: Body | undefined): void {
  const shares = body?.['shares'];
  if (Array.isArray(shares)) for (const share of shares) if (share instanceof Secret) share.wipe();
}

function trimmed(line: Buffer): Buffer {
  let [start, end] = [0, line.length];
  while (start < end && isBlank(line[start])) start += 1;
  while (end > start && isBlank(line[end - 1])) end -= 1;
  return line.subarray(start, end);
}

function isBlank(character: number | undefined): boolean {
  return character === 0x20 || character === 0x09 || character === 0x0d;
}
