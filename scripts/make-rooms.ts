// Writes the table of rooms into biome.rooms.json as one complete allow-list of imports a folder or file
// (`style/noRestrictedImports`); with `--check` it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path/posix';
import { isDeepStrictEqual } from 'node:util';
import { implementations, type Room } from './rooms/room.ts';
import { rooms } from './rooms.ts';

const rule = 'style/noRestrictedImports';

/** The room's allow-lists: one biome override for each of its folders and for its files in one folder. */
function overridesOf(room: Room): object[] {
  return room.holds.map((place) => {
    const folder = place.endsWith('/') ? place : `${dirname(place)}/`;
    const folders = [...room.holds, ...room.imports].filter((path) => path.endsWith('/'));
    const files = [...room.holds, ...room.imports].filter((path) => !path.endsWith('/'));
    const hidden = implementations.filter((path) => folders.includes(`${dirname(path)}/`));
    const group = [
      '**',
      ...folders.map((path) => `!${specifier(folder, path)}*.ts`),
      ...hidden.map((path) => specifier(folder, path)),
      ...files.map((path) => `!${specifier(folder, path)}`),
      ...(room.node ?? []).map((name) => `!node:${name}`),
      ...(room.packages ?? []).map((name) => `!${name}`),
    ];
    return override(place.endsWith('/') ? `${place}*.ts` : place, [...new Set(group)], message(room));
  });
}

/** The path as an import in a file of the folder spells it: `../../ttlv/`. */
function specifier(folder: string, path: string): string {
  const way = relative(folder, path);
  const slash = path.endsWith('/') && way !== '' ? '/' : '';
  return way.startsWith('..') ? `${way}${slash}` : `./${way}${slash}`;
}

function message(room: Room): string {
  const modules = (room.node ?? []).map((name) => `node:${name}`);
  const allowed = [...room.imports, ...modules, ...(room.packages ?? [])];
  return `${room.holds[0]} may import ${allowed.join(', ') || 'nothing else'} (scripts/rooms.ts).`;
}

function override(includes: string, group: readonly string[], text: string): object {
  const options = { patterns: [{ group, message: text }] };
  const [category, name] = rule.split('/') as [string, string];
  return { includes: [includes], linter: { rules: { [category]: { [name]: { level: 'error', options } } } } };
}

/** What biome.rooms.json must hold. A later override replaces an earlier one: files come after folders. */
function configuration(): { overrides: object[] } {
  const outside = ['ttlv', 'schema', 'src', 'certs'].map((folder) =>
    override(`${folder}/**`, ['**'], 'This file is in no room of scripts/rooms.ts.'),
  );
  return { overrides: [...outside, ...rooms.flatMap(overridesOf)] };
}

const path = new URL('../biome.rooms.json', import.meta.url);
if (!process.argv.includes('--check')) {
  writeFileSync(path, `${JSON.stringify(configuration(), null, 2)}\n`);
} else if (!isDeepStrictEqual(JSON.parse(readFileSync(path, 'utf8')), configuration())) {
  console.error('biome.rooms.json is not what scripts/rooms.ts says; run "npm run rooms"');
  process.exitCode = 1;
}
