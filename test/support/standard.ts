import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Version } from '../../ttlv/tables/versions.ts';

const folder = join(import.meta.dirname, '../../../shared/kmip');

/** A field of a payload, as the standard's table has it. */
export interface PublishedField {
  readonly item: string;
  /** Absent where the table names several objects. */
  readonly tag?: string;
  readonly required: boolean;
}

interface PublishedPayloads {
  readonly request: readonly PublishedField[];
  readonly response?: readonly PublishedField[];
  /** The error table of 1.x: one row a condition. (2.x has a list instead: see `publishedReasons`.) */
  readonly errors?: readonly { readonly reason?: string }[];
}

/** By operation, and by version such as `2.1`. */
type PublishedOperations = Readonly<Record<string, Readonly<Record<string, PublishedPayloads>>>>;

/** The rule table of an attribute in one version. */
export interface PublishedRules {
  readonly alwaysHasValue: string;
  readonly initiallySetBy: string;
  readonly modifiableByClient: string;
  readonly deletableByClient: string;
  readonly multipleInstances: string;
  readonly appliesTo: string;
}

/** The payload tables of the operations that clients ask for; undefined where the standard is not at hand. */
export function publishedOperations(): PublishedOperations | undefined {
  return read<{ clientToServer: PublishedOperations }>('operations.json')?.clientToServer;
}

/** The rule tables of the attributes; undefined where the standard is not at hand. */
export function publishedAttributes(): Readonly<Record<string, Readonly<Record<string, PublishedRules>>>> | undefined {
  return read('attributes.json');
}

/** The result reasons that the text of 2.0 or 2.1 lists for each operation, by the operation's normalised name. */
export function publishedReasons(version: Version): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  const path = join(folder, `spec/kmip-${dotted(version)}.md`);
  if (!existsSync(path)) return undefined;
  const reasons = new Map<string, ReadonlySet<string>>();
  const section = /^##### 6\.1\.[\d.]+ Error Handling [-–] (.+)\n[^#]*?\| Operation Failed \| (.*) \|/gm;
  for (const [, operation = '', list = ''] of readFileSync(path, 'utf8').matchAll(section)) {
    reasons.set(plain(operation), new Set(list.replaceAll('<br>', ' ').split(',').map(plain)));
  }
  return reasons;
}

/** A name without blanks, punctuation and capitals, since the texts differ in them. */
export function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** `2.1` for 21. */
export function dotted(version: Version): string {
  return `${Math.floor(version / 10)}.${version % 10}`;
}

function read<T>(file: string): T | undefined {
  const path = join(folder, file);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}
