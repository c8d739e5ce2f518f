// Writes the tables of README.md from the tables in the code; with `--check` it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { type FileIn, type Setting, settingsTable } from '../src/config/settings.ts';
import { kmipRoute } from '../src/listeners/routes/kmip.ts';
import { routes } from '../src/listeners/routes/table.ts';
import type { Authority } from '../src/operations/admin/operation.ts';
import { operations } from '../src/operations/table.ts';
import { enumInfo } from '../ttlv/tables/enums.ts';
import { versions } from '../ttlv/tables/versions.ts';

/** Each lies in README.md between `<!-- name: ... -->` and `<!-- /name -->`. */
const sections = { settings: settingsRows, operations: operationRows, routes: routeRows };

const path = new URL('../README.md', import.meta.url);
const found = readFileSync(path, 'utf8');
const made = Object.entries(sections).reduce((text, [name, table]) => replace(text, name, table()), found);

if (!process.argv.includes('--check')) {
  writeFileSync(path, made);
} else if (made !== found) {
  console.error('README.md is not what the tables in the code say; run "npm run docs"');
  process.exitCode = 1;
}

function replace(text: string, name: string, table: string): string {
  const section = new RegExp(`(<!-- ${name}: [^>]*-->\n).*?(<!-- /${name} -->)`, 's');
  if (!section.test(text)) throw new Error(`README.md has no section ${name}`);
  return text.replace(section, (_, start: string, end: string) => `${start}\n${table}\n${end}`);
}

function settingsRows(): string {
  const rows = Object.values<Setting<unknown>>(settingsTable).map((row) => [
    `\`${row.env}\`<br>\`${row.flag}\``,
    defaultOf(row.default),
    `${row.meaning} Takes ${row.kind.describe}.`,
  ]);
  return table(['setting', 'default', 'meaning'], rows);
}

function defaultOf(value: unknown): string {
  if (isFileIn(value)) return `\`$${settingsTable[value.folder].env}/${value.file}\``;
  if (typeof value === 'boolean') return value ? '`on`' : '`off`';
  return `\`${value}\``;
}

function isFileIn(value: unknown): value is FileIn {
  return typeof value === 'object' && value !== null && 'folder' in value;
}

function operationRows(): string {
  const rows = operations.map(({ code, since, until = Number.POSITIVE_INFINITY, target, permission, whileSealed }) => [
    enumInfo.Operation.byCode.get(code)?.text ?? '',
    ...versions.map((version) => (since <= version && version <= until ? 'yes' : '')),
    permission === undefined ? (target === 'one' ? 'owner only' : 'everyone') : `\`${permission}\``,
    whileSealed ? 'yes' : '',
  ]);
  const numbers = versions.map((version) => (version / 10).toFixed(1));
  return table(['operation', ...numbers, 'grant', 'sealed'], rows);
}

function routeRows(): string {
  const needs: Readonly<Record<Authority, string>> = { anyone: '', shares: 'shares', administrator: 'token' };
  const rows = routes.map(({ methods, path, operation, status, exception }) => [
    `${methods.join(', ')} \`${path}\``,
    needs[operation.authority],
    [status, exception?.status].filter((code) => code !== undefined).join(', '),
    operation.summary,
  ]);
  const { method, path, summary } = kmipRoute;
  const kmip = [`${method} \`${path}\``, 'certificate', '200', summary];
  return table(['route', 'needs', 'status', 'what it does'], [...rows, kmip]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
