/**
 * Generates `ttlv/tables/{versions,tags,enums,masks}.ts` from the registry of the standard's names and numbers.
 *
 *   node scripts/make-tables.ts [--check] [folder with registry.json and registry-extra.json]
 *
 * With `--check` nothing is written: the exit code is 1 if a committed table differs, and 0 (with a note) if the
 * registry is not there.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit, stdout } from 'node:process';

interface RegistryValue {
  readonly code: number;
  readonly since: string;
  readonly until: string | null;
  readonly name: string;
}

interface RegistryTag {
  readonly code: string;
  readonly since: string;
  readonly until: string | null;
  readonly type: string;
  readonly name: string;
}

type RegistryEnum = Readonly<Record<string, RegistryValue>>;

interface Registry {
  readonly tags: Readonly<Record<string, RegistryTag>>;
  readonly enums: Readonly<Record<string, RegistryEnum>>;
  readonly masks: Readonly<Record<string, RegistryEnum>>;
}

interface RegistryExtra {
  readonly aliases: Readonly<Record<string, Readonly<Record<string, { readonly canonical: string }>>>>;
  /** The version from which a tag, or a value of an enumeration, is deprecated. */
  readonly deprecated: {
    readonly tags: Readonly<Record<string, string>>;
    readonly [enumeration: string]: Readonly<Record<string, string>>;
  };
}

/** Enumerations and masks that another tag uses than the one of their own name (registry README). */
const borrowedEnums: Readonly<Record<string, string>> = {
  CertificateRequestUniqueIdentifier: 'UniqueIdentifier',
  ExtensionType: 'ItemType',
  LinkedObjectIdentifier: 'UniqueIdentifier',
  MaskGeneratorHashingAlgorithm: 'HashingAlgorithm',
};

const banner = '// Made by scripts/make-tables.ts from the registry of the standard; do not edit.\n';

const quote = (text: string): string => (text.includes("'") ? JSON.stringify(text) : `'${text}'`);
const versionNumber = (text: string): number => Math.round(Number(text) * 10);

/** The text of a table, as the project's formatter leaves it. */
function sections(parts: readonly string[]): string {
  const biome = join(import.meta.dirname, '../node_modules/.bin/biome');
  const text = `${banner}\n${parts.join('\n')}`;
  return execFileSync(biome, ['format', '--stdin-file-path=table.ts'], { input: text, encoding: 'utf8' });
}

/** The end of a row: since, and where there is one until and deprecated. */
function range(since: string, until: string | null, deprecated: string | undefined): string {
  const cells = [String(versionNumber(since))];
  if (until !== null || deprecated !== undefined) cells.push(until === null ? 'null' : String(versionNumber(until)));
  if (deprecated !== undefined) cells.push(String(versionNumber(deprecated)));
  return cells.join(', ');
}

function makeVersions(registry: Registry): string {
  const seen = new Set<number>();
  for (const tag of Object.values(registry.tags)) seen.add(versionNumber(tag.since));
  const numbers = [...seen].sort((a, b) => a - b);
  return sections([
    '/** A version of the protocol as one number, major * 10 + minor, so that versions compare: 14 is KMIP 1.4. */',
    `export type Version = ${numbers.join(' | ')}\n`,
    '/** The versions of the standard, oldest first. */',
    `export const versions: readonly Version[] = [${numbers.join(', ')}]\n`,
    '/** The newest version. */',
    `export const LATEST: Version = ${numbers.at(-1)}\n`,
  ]);
}

function makeTags(registry: Registry, extra: RegistryExtra): string {
  const tags = Object.entries(registry.tags);
  const rows = tags.map(([key, tag]) => {
    const type = tag.type === 'Varies' ? 'undefined' : `ItemType.${tag.type}`;
    return `  ['${key}', ${quote(tag.name)}, ${type}, ${range(tag.since, tag.until, extra.deprecated.tags[key])}],`;
  });
  const ofTag = (tables: object, from: string): string[] =>
    tags.flatMap(([key]) => {
      const name = borrowedEnums[key] ?? key;
      return name in tables ? [`  [Tag.${key}, ${from}.${name}],`] : [];
    });
  return sections([
    "import { enumInfo, ItemType } from './enums.ts'",
    "import { maskInfo } from './masks.ts'",
    "import { type EnumTable, type MaskTable, tagTable } from './table.ts'\n",
    '/** The tags of the standard by normalised name. */',
    'export const Tag = {',
    ...tags.map(([key, tag]) => `  ${key}: ${tag.code.toLowerCase()},`),
    '} as const',
    'export type Tag = (typeof Tag)[keyof typeof Tag]\n',
    '/** What the standard says of each tag, by number. */',
    'export const tagInfo = tagTable<ItemType>(Tag, [',
    ...rows,
    '])\n',
    '/** The enumeration whose values the items of a tag have. */',
    'export const enumOfTag: ReadonlyMap<number, EnumTable> = new Map<number, EnumTable>([',
    ...ofTag(registry.enums, 'enumInfo'),
    '])\n',
    '/** The mask whose bits the items of a tag have. */',
    'export const maskOfTag: ReadonlyMap<number, MaskTable> = new Map<number, MaskTable>([',
    ...ofTag(registry.masks, 'maskInfo'),
    '])\n',
  ]);
}

/** The const object and derived type of an enumeration or mask. */
function constObject(name: string, values: RegistryEnum): string[] {
  return [
    `export const ${name} = {`,
    ...Object.entries(values).map(([key, value]) => `  ${key}: ${value.code},`),
    '} as const',
    `export type ${name} = (typeof ${name})[keyof typeof ${name}]\n`,
  ];
}

/** The call of `enumTable` that makes the look-up tables of an enumeration or mask. */
function tableCall(name: string, values: RegistryEnum, extra: RegistryExtra): string {
  const rows = Object.entries(values).map(
    ([key, value]) =>
      `    ['${key}', ${quote(value.name)}, ${range(value.since, value.until, extra.deprecated[name]?.[key])}],`,
  );
  const aliases = Object.entries(extra.aliases[name] ?? {}).map(
    ([alias, { canonical }]) => `    ${alias}: ${name}.${canonical},`,
  );
  const last = aliases.length === 0 ? '' : `, {\n${aliases.join('\n')}\n  }`;
  return `enumTable<${name}>('${name}', ${name}, [\n${rows.join('\n')}\n  ]${last})`;
}

function makeEnums(registry: Registry, extra: RegistryExtra): string {
  const enums = Object.entries(registry.enums);
  return sections([
    "import { enumTable } from './table.ts'\n",
    ...enums.flatMap(([name, values]) => constObject(name, values)),
    '/** The look-up tables of every enumeration. */',
    'export const enumInfo = {',
    ...enums.map(([name, values]) => `  ${name}: ${tableCall(name, values, extra)},`),
    '} as const\n',
  ]);
}

function makeMasks(registry: Registry, extra: RegistryExtra): string {
  const masks = Object.entries(registry.masks);
  return sections([
    "import { enumTable, maskTable } from './table.ts'",
    "import { versions } from './versions.ts'\n",
    ...masks.flatMap(([name, values]) => constObject(name, values)),
    '/** The look-up tables of every mask. */',
    'export const maskInfo = {',
    ...masks.map(([name, values]) => `  ${name}: maskTable(${tableCall(name, values, extra)}, versions),`),
    '} as const\n',
  ]);
}

function main(args: readonly string[]): number {
  const check = args.includes('--check');
  const source = args.find((arg) => !arg.startsWith('--')) ?? join(import.meta.dirname, '../../shared/kmip');
  if (!existsSync(join(source, 'registry.json'))) {
    stdout.write('tables not compared: the registry is not here\n');
    return check ? 0 : 1;
  }
  const registry = JSON.parse(readFileSync(join(source, 'registry.json'), 'utf8')) as Registry;
  const extra = JSON.parse(readFileSync(join(source, 'registry-extra.json'), 'utf8')) as RegistryExtra;
  const files: Readonly<Record<string, string>> = {
    'versions.ts': makeVersions(registry),
    'tags.ts': makeTags(registry, extra),
    'enums.ts': makeEnums(registry, extra),
    'masks.ts': makeMasks(registry, extra),
  };
  let stale = 0;
  for (const [name, text] of Object.entries(files)) {
    const path = join(import.meta.dirname, '../ttlv/tables', name);
    if (!check) writeFileSync(path, text);
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      stdout.write(`ttlv/tables/${name} is not what the registry says: run scripts/make-tables.ts\n`);
      stale += 1;
    }
  }
  return stale === 0 ? 0 : 1;
}

exit(main(argv.slice(2)));
