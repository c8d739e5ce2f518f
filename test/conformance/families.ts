import { childValue, descendants, elements, type TestCase } from './cases.ts';

/** Cases that share a client certificate, because some of them find the objects that others made. */
export interface Family {
  /** Unique among the families of a run. */
  readonly name: string;
  /** In the order in which they have to run. */
  readonly cases: readonly TestCase[];
}

/**
 * The families of the cases. A case that makes all it uses is a family of its own, so that its Locates see nothing else;
 * where one of a numbered series (SASED-M-1, -2, -3) finds objects of the others, the series is a family.
 */
export function familiesOf(cases: readonly TestCase[]): readonly Family[] {
  const series = Map.groupBy(cases, ({ directory, name }) => `${directory} ${seriesOf(name)}`);
  return [...series].flatMap(([name, members]) => {
    if (members.some(isDependent)) return [{ name, cases: members.toSorted(bySetup) }];
    return members.map((member) => ({ name: `${member.directory} ${member.name}`, cases: [member] }));
  });
}

/** `SASED-M` of SASED-M-3-14, `TC-OTP` of TC-OTP-SETUP-1-13. Numbers of three digits (TC_151_12) count no series. */
function seriesOf(name: string): string {
  const title = /^.+?(?=[-_](?:1[0-4]|2[01])(?:$|[-_][A-Za-z]))/.exec(name)?.[0] ?? name;
  return title.replace(/([-_]SETUP)?[-_]\d{1,2}$/, '');
}

function bySetup(a: TestCase, b: TestCase): number {
  return Number(b.name.includes('SETUP')) - Number(a.name.includes('SETUP'));
}

/** Whether the case finds an object that it did not make. */
export function isDependent(testCase: TestCase): boolean {
  return foundObjects(testCase).length > 0;
}

/** The placeholders of identifiers that an answer to a Locate is the first to show. */
export function foundObjects({ exchanges }: TestCase): readonly string[] {
  const shown = new Set<string>();
  const found: string[] = [];
  for (const item of exchanges.flatMap(({ answer }) => elements(answer, 'BatchItem'))) {
    for (const { attrs } of descendants(item)) {
      const { value } = attrs;
      if (value?.startsWith('$UNIQUE_IDENTIFIER') !== true || shown.has(value)) continue;
      shown.add(value);
      if (childValue(item, 'Operation') === 'Locate') found.push(value);
    }
  }
  return found;
}

const makers: ReadonlySet<string | undefined> = new Set(['Create', 'CreateKeyPair', 'Register', 'Import']);

/** Whether the case makes objects, which later ones of its family may find. */
export function makesObjects({ exchanges }: TestCase): boolean {
  return exchanges.some(({ request }) =>
    elements(request, 'BatchItem').some((item) => makers.has(childValue(item, 'Operation'))),
  );
}
