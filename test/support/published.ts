import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

const shared = join(import.meta.dirname, '../../../shared/kmip');

/** A request or response that the Additional Message Encodings profile prints as XML and as TTLV. */
export interface PublishedVector {
  readonly label: string;
  readonly xml: string;
  readonly ttlv: string;
  /** What differs between the two by a mistake of the document. */
  readonly differences: readonly string[];
}

/** The published message pairs; undefined where the reference material is not at hand. */
export function publishedVectors(): readonly PublishedVector[] | undefined {
  const path = join(shared, 'ttlv-vectors.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as PublishedVector[]) : undefined;
}

/** The files of the published test cases of KMIP 1.0 to 2.1; undefined where they are not at hand. */
export function publishedCases(): readonly string[] | undefined {
  const root = env['KMIP_TESTCASES'] ?? join(shared, 'testcases');
  if (!existsSync(root)) return undefined;
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.xml') && !path.includes('-3.0'))
    .map((path) => join(root, path))
    .sort();
}
