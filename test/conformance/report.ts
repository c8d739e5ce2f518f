/** What came of a case. */
export interface Result {
  readonly directory: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped. */
  readonly reason?: string;
}

/** The table by version and directory, the reasons for skipping, and the sums in the last line. */
export function report(results: readonly Result[]): string {
  const rows = [...Map.groupBy(results, ({ directory }) => directory)].map(([directory, group]) => {
    const [, kind, version, part = ''] = /^(\w+)-([\d.]+)-?(\w*)$/.exec(directory) ?? [];
    return [version ?? '', `${kind} ${part}`.trim(), ...counts(group).map(String)];
  });
  const head = ['KMIP', 'cases', 'passed', 'failed', 'skipped'];
  const [passed, failed, skipped] = counts(results);
  return [
    ...table([head, ...rows.toSorted(([a = ''], [b = '']) => a.localeCompare(b))]),
    '',
    ...reasons(results),
    '',
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  ].join('\n');
}

const outcomes = ['passed', 'failed', 'skipped'] as const;

function counts(results: readonly Result[]): readonly number[] {
  return outcomes.map((wanted) => results.filter(({ outcome }) => outcome === wanted).length);
}

/** How many cases each reason left out, and which. */
function reasons(results: readonly Result[]): readonly string[] {
  const skipped = Map.groupBy(
    results.filter(({ outcome }) => outcome === 'skipped'),
    ({ reason = '' }) => reason,
  );
  return [...skipped]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([reason, group]) => `skipped, ${reason}: ${group.map(({ name }) => name).join(', ')}`);
}

/** Columns padded to their widest cell: texts to the right, numbers to the left. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
}
