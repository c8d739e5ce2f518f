// Completes package-lock.json after `npm install`, so that `npm ci` works from every registry, on every platform, and
// without compilers:
// - npm leaves out of the lock the platform packages (`optionalDependencies` such as @biomejs/cli-darwin-arm64) that
//   the registry at hand does not have, and `npm ci` then refuses the lock. They get an entry without integrity.
// - better-sqlite3 carries its binaries and says `"gypfile": false`, which npm does not copy into the lock; without it
//   `npm ci` runs node-gyp. npm 11 also obeys `allowScripts` of package.json, older ones only this.
// - pkcs11js has to be compiled, which scripts/test-needs does where it can.
// With `--check` it writes nothing and fails if something is missing, or if an entry names a registry.
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

interface Entry {
  version?: string;
  resolved?: string;
  gypfile?: boolean;
  optionalDependencies?: Record<string, string>;
  [key: string]: unknown;
}

const notCompiled = ['better-sqlite3', 'pkcs11js'];

const path = new URL('../package-lock.json', import.meta.url);
const text = readFileSync(path, 'utf8');
const lock: { packages: Record<string, Entry> } = JSON.parse(text);
const problems: string[] = [];

for (const [key, entry] of Object.entries(lock.packages)) {
  if (entry.resolved !== undefined)
    problems.push(`${key} names a registry (see .npmrc: omit-lockfile-registry-resolved)`);
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`] !== undefined) continue;
    problems.push(`${name} is missing`);
    lock.packages[`node_modules/${name}`] = platformEntry(name, version);
  }
}

const { dependencies, devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
if (!isDeepStrictEqual({ dependencies, devDependencies }, rootDependencies())) {
  problems.push('package.json has other dependencies; run "npm install" first');
}

for (const name of notCompiled) {
  const entry = lock.packages[`node_modules/${name}`];
  if (entry === undefined || entry.gypfile === false) continue;
  problems.push(`${name} would be compiled`);
  entry.gypfile = false;
}

if (process.argv.includes('--check')) {
  for (const problem of problems) console.error(`package-lock.json: ${problem}; run "npm run lock"`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} else {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  const completed = `${JSON.stringify(lock, null, 2)}\n`;
  if (completed !== text) writeFileSync(path, completed);
}

/** The dependencies for which the lock was made. */
function rootDependencies(): object {
  const { dependencies, devDependencies } = lock.packages[''] ?? {};
  return { dependencies, devDependencies };
}

/** The entry of a platform package, with the platform read from its name: `@oxlint/binding-linux-x64-musl`. */
function platformEntry(name: string, version: string): Entry {
  const [, os, cpu, abi] =
    /(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-(gnu|musl))?/.exec(name) ?? [];
  if (os === undefined || cpu === undefined) throw new Error(`${name}: no platform in its name`);
  const libc = abi === undefined || os !== 'linux' ? {} : { libc: [abi === 'gnu' ? 'glibc' : 'musl'] };
  return { version, cpu: [cpu], dev: true, ...libc, optional: true, os: [os] };
}
