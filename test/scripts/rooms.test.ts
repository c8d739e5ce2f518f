import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { implementations } from '../../scripts/rooms/room.ts';
import { rooms } from '../../scripts/rooms.ts';

const root = new URL('../..', import.meta.url).pathname;

/** Layers from the bottom to the top, one file of each room; nothing may import a layer above its own. */
const layers = [
  ['ttlv/a.ts', 'ttlv/tables/a.ts', 'ttlv/xml.ts'],
  ['src/kmip/a.ts', 'src/kmip/payloads/a.ts', 'src/kmip/structures/a.ts'],
  ['src/objects/a.ts'],
  ['src/access/a.ts', 'src/crypto/a.ts', 'src/keychain/a.ts', 'src/seal/a.ts', 'src/store/store.ts', 'src/audit/a.ts'],
  ['src/operations/a.ts', 'src/operations/admin/a.ts'],
  ['src/listeners/a.ts', 'src/listeners/routes/a.ts', 'src/jobs/a.ts'],
  ['src/cli/a.ts', 'src/main.ts', 'src/primary.ts', 'src/server.ts', 'src/server/a.ts'],
];

/** Rooms of one layer that know nothing of one another. */
const strangers: readonly (readonly [string, readonly string[]])[] = [
  ['src/access/a.ts', ['src/crypto/a.ts', 'src/seal/a.ts', 'src/audit/a.ts']],
  ['src/crypto/a.ts', ['src/access/a.ts', 'src/seal/a.ts', 'src/audit/a.ts', 'src/store/store.ts']],
  ['src/seal/a.ts', ['src/access/a.ts', 'src/audit/chain.ts']],
  ['src/store/store.ts', ['src/access/a.ts', 'src/crypto/a.ts', 'src/seal/a.ts', 'src/audit/a.ts']],
  ['src/audit/a.ts', ['src/access/a.ts', 'src/crypto/a.ts', 'src/seal/a.ts', 'src/store/store.ts']],
  ['src/listeners/a.ts', ['src/jobs/a.ts', 'src/store/store.ts', 'src/seal/a.ts', 'src/access/permit.ts']],
];

/** Imports that lie inside a room's list: the check must let them pass. */
const permitted: readonly (readonly [string, readonly string[]])[] = [
  ['ttlv/reader.ts', ['ttlv/tables/tags.ts', 'node:buffer']],
  ['ttlv/xml.ts', ['ttlv/tables/enums.ts', 'ttlv/item.ts', 'fast-xml-parser']],
  ['src/kmip/payloads/get.ts', ['src/kmip/attributes.ts', 'src/kmip/structures/key-block.ts', 'ttlv/structure.ts']],
  ['src/objects/lifecycle.ts', ['src/kmip/attributes.ts', 'ttlv/tables/enums.ts', 'src/errors.ts']],
  ['src/operations/get.ts', ['src/kmip/payloads/get.ts', 'src/seal/material.ts', 'src/access/permit.ts']],
  ['src/seal/pkcs11.ts', ['src/seal/root-key.ts', 'src/crypto/secret.ts', 'pkcs11js']],
  ['src/keychain/roots/kmip-key.ts', ['src/keychain/root.ts', 'src/kmip/payloads/encrypt.ts', 'ttlv/writer.ts']],
  ['src/keychain/roots/https.ts', ['src/keychain/error.ts', 'src/keychain/roots/kmip-key.ts', 'node:https']],
  [
    'src/store/knex/rows.ts',
    ['src/store/store.ts', 'src/store/dialects/abilities.ts', 'schema/0001-objects.ts', 'knex'],
  ],
  ['src/listeners/routes/objects.ts', ['src/operations/dispatch.ts', 'src/access/authenticate.ts', 'fastify']],
  ['src/server/store.ts', [...implementations, 'src/store/knex/objects.ts', 'src/store/dialects/sqlite.ts']],
  ['src/primary.ts', ['src/server/store.ts', 'src/seal/root-key.ts', 'node:child_process']],
];

/** Every way to write an import, of one that must not be there. */
const kinds: Readonly<Record<string, (specifier: string) => string>> = {
  'static import': (specifier) => `import { a } from '${specifier}';`,
  'import for its side effects': (specifier) => `import '${specifier}';`,
  'type-only import': (specifier) => `import type { A } from '${specifier}';`,
  'dynamic import': (specifier) => `export const b = await import('${specifier}');`,
  're-export': (specifier) => `export { c } from '${specifier}';`,
  'type-only re-export': (specifier) => `export type { D } from '${specifier}';`,
  'import in a type': (specifier) => `export type E = import('${specifier}').E;`,
};

describe('the rooms', function () {
  this.timeout(60_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-rooms-'));
    const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
    for (const file of ['biome.rooms.json', 'scripts/import-types.grit']) cpSync(join(root, file), join(folder, file));
  });

  after(() => rmSync(folder, { recursive: true }));

  /** Writes the lines into the files, runs the linter once, and returns `file:line` of what it refuses. */
  function refused(files: ReadonlyMap<string, readonly string[]>): Set<string> {
    for (const [path, lines] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
    }
    const args = ['lint', '--max-diagnostics=none', '--reporter=github', ...files.keys()];
    const run = spawnSync(join(root, 'node_modules/.bin/biome'), args, { cwd: folder, encoding: 'utf8' });
    for (const path of files.keys()) rmSync(join(folder, path));
    const found = run.stdout.matchAll(
      /^::error title=(?:lint\/style\/noRestrictedImports|plugin),file=([^,]*),line=(\d+)/gm,
    );
    const refusals = new Set([...found].map(([, file, line]) => `${relative(folder, file ?? '')}:${line}`));
    assert.equal(refusals.size > 0, run.status !== 0, run.stderr);
    return refusals;
  }

  /** How the file at the first path imports the second, which is a module's name if it is no path of the project. */
  function specifier(from: string, to: string): string {
    if (!to.endsWith('.ts')) return to;
    const way = relative(dirname(from), to);
    return way.startsWith('.') ? way : `./${way}`;
  }

  /** Asserts that all the imports, one a line, are refused, or that none is. */
  function judge(imports: ReadonlyMap<string, readonly string[]>, expected: 'refused' | 'permitted'): void {
    const found = refused(imports);
    const all = [...imports].flatMap(([path, lines]) => lines.map((line, at) => ({ line, key: `${path}:${at + 1}` })));
    assert(all.length > 0);
    const wrong = all.filter(({ key }) => found.has(key) !== (expected === 'refused'));
    assert.deepEqual(wrong, [], `should be ${expected}`);
  }

  const places = rooms
    .flatMap(({ holds }) => holds)
    .map((place) => (place.endsWith('/') ? `${place}planted.ts` : place));
  const staticImports = (from: string, targets: readonly string[]) =>
    targets.map((to) => `import '${specifier(from, to)}';`);

  for (const [kind, write] of Object.entries(kinds)) {
    for (const [what, forbidden] of [
      ['a file', undefined],
      ['a package', 'left-pad'],
      ['a node: module', 'node:vm'],
      ['a builtin without node:', 'fs'],
    ] as const) {
      it(`refuse in every room: ${kind}, ${what}`, () => {
        // No room but its own may import the command line, which in turn may not import the listeners.
        const target = (from: string) =>
          forbidden ?? (/^src\/(cli\/|main\.ts)/.test(from) ? 'src/listeners/kmip.ts' : 'src/cli/serve.ts');
        judge(new Map(places.map((from) => [from, [write(specifier(from, target(from)))]])), 'refused');
      });
    }
  }

  it('refuse an import of every higher layer', () => {
    const upward = layers.flatMap((layer, height) =>
      layer.map((from) => [from, staticImports(from, layers.slice(height + 1).flat())] as const),
    );
    judge(new Map(upward.filter(([, lines]) => lines.length > 0)), 'refused');
  });

  it('refuse an import of a stranger in the same layer', () => {
    judge(new Map(strangers.map(([from, targets]) => [from, staticImports(from, targets)])), 'refused');
  });

  it('refuse an import of an implementation everywhere but in server/', () => {
    const hidden = (from: string) =>
      [...implementations, 'src/store/knex/rows.ts', 'src/store/dialects/sqlite.ts'].filter((path) => path !== from);
    const outside = places.filter(
      (from) => !from.startsWith('src/server/') && !/^src\/store\/(knex|dialects)\//.test(from),
    );
    judge(new Map(outside.map((from) => [from, staticImports(from, hidden(from))])), 'refused');
  });

  it('refuse a way around through another folder', () => {
    const around = [
      './../operations/a.ts',
      '../kmip/../operations/a.ts',
      '.././operations/a.ts',
      '/src/operations/a.ts',
    ];
    judge(new Map([['src/objects/a.ts', around.map((path) => `import '${path}';`)]]), 'refused');
  });

  it('refuse every import of a file that is in no room', () => {
    judge(
      new Map([['src/elsewhere/a.ts', staticImports('src/elsewhere/a.ts', ['src/errors.ts', 'node:fs'])]]),
      'refused',
    );
  });

  it('let pass what they may import', () => {
    judge(new Map(permitted.map(([from, targets]) => [from, staticImports(from, targets)])), 'permitted');
  });
});
