import { enumerationCode } from '../../ttlv/names.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import { itemFromXml, type XmlNode } from '../../ttlv/xml.ts';
import { type Abilities, selfDescriptions } from './abilities.ts';
import { withAbsentObject } from './absent-object.ts';
import { childValue, descendants, elements, type TestCase } from './cases.ts';
import { type Family, isDependent, makesObjects } from './families.ts';
import { whyWrong } from './known-bad.ts';
import { fingerprint } from './walk.ts';

/** What the server under test has. */
export interface Server extends Abilities {
  /** What it can do with a Cryptographic Algorithm: with its keys, and, where a length is given, make them. */
  readonly hasAlgorithm: (algorithm: number, length?: number) => boolean;
}

/**
 * Why a case of the family is left out: the first thing that it needs and the server lacks, or the error it was published
 * with. Undefined if it is to be run.
 */
export function whyLeftOut(testCase: TestCase, family: Family, server: Server): string | undefined {
  const reason = whyWrong(testCase.name);
  if (reason !== undefined) return `wrong as published: ${reason}`;
  return lacking(testCase, server) ?? lackingObjects(testCase, family, server);
}

/** The case as it is to be run: with the object that it finds, if no case among the files makes that. */
export function runnable(testCase: TestCase, family: Family): TestCase {
  const isAlone = isDependent(testCase) && makersBefore(testCase, family).length === 0;
  return (isAlone ? withAbsentObject(testCase) : undefined) ?? testCase;
}

function lackingObjects(testCase: TestCase, family: Family, server: Server): string | undefined {
  if (!isDependent(testCase)) return undefined;
  const makers = makersBefore(testCase, family);
  if (makers.length === 0 && withAbsentObject(testCase) === undefined) {
    return lackingAlgorithm(shownAlgorithms(family), server) ?? whatToProvision(testCase);
  }
  return makers.map((maker) => whyLeftOut(maker, family, server)).find((reason) => reason !== undefined);
}

function makersBefore(testCase: TestCase, { cases }: Family): readonly TestCase[] {
  return cases.slice(0, cases.indexOf(testCase)).filter(makesObjects);
}

function whatToProvision(testCase: TestCase): string {
  const isGroup = values(testCase, 'ObjectGroupMember').length > 0;
  return isGroup ? 'provisioned group' : 'object of a case that is not here';
}

/** Operations that a server sends to a client. */
const ofServers: ReadonlySet<string> = new Set(['Notify', 'Put']);

/** What the case needs and the server lacks. */
function lacking(testCase: TestCase, server: Server): string | undefined {
  // By their titles: cases of the encodings profile (MSGENC) are for an encoding or for HTTPS, S2C is from server to client.
  const [, encoding] = /^MSGENC-(JSON|XML)-/.exec(testCase.name) ?? [];
  if (encoding !== undefined) return `encoding ${encoding}`;
  const operations = values(testCase, 'Operation');
  if (/[-_]S2C[-_]/.test(testCase.name) || operations.some((name) => ofServers.has(name))) return 'server-to-client';
  return (
    unknown('operation', operations, Tag.Operation, (code) => server.operations.has(code)) ??
    lackingFeature(testCase) ??
    unknown('object type', typesOf(testCase), Tag.ObjectType, (code) => server.objectTypes.has(code)) ??
    lackingAlgorithm(values(testCase, 'CryptographicAlgorithm'), server) ??
    lackingLength(testCase, server) ??
    otherDescription(testCase, server)
  );
}

/** Features by the fields of requests that ask for them. */
const features: readonly (readonly [field: string, name: string])[] = [
  ['Authentication', 'accounts'],
  ['AsynchronousIndicator', 'asynchronous operations'],
];

function lackingFeature({ exchanges }: TestCase): string | undefined {
  const names = new Set(exchanges.flatMap(({ request }) => [...descendants(request)].map(({ name }) => name)));
  return features.find(([field]) => names.has(field))?.[1];
}

function unknown(
  kind: string,
  names: readonly string[],
  tag: number,
  isKnown: (code: number) => boolean,
): string | undefined {
  const lacked = names.find((name) => !isKnown(enumerationCode(tag, name) ?? 0));
  return lacked === undefined ? undefined : `${kind} ${lacked}`;
}

function lackingAlgorithm(names: readonly string[], { hasAlgorithm }: Server): string | undefined {
  return unknown('algorithm', names, Tag.CryptographicAlgorithm, hasAlgorithm);
}

/** The algorithms of objects that answers tell of. */
function shownAlgorithms({ cases }: Family): readonly string[] {
  const answers = cases.flatMap(({ exchanges }) => exchanges.map(({ answer }) => answer));
  return answers.flatMap((answer) => valuesIn(answer, 'CryptographicAlgorithm'));
}

/** The algorithm and length of a key that the server is asked to make and does not. */
function lackingLength({ exchanges }: TestCase, { hasAlgorithm }: Server): string | undefined {
  const items = exchanges.flatMap(({ request }) => elements(request, 'BatchItem'));
  for (const item of items.filter((each) => childValue(each, 'Operation')?.startsWith('Create'))) {
    const [algorithm, length] = ['CryptographicAlgorithm', 'CryptographicLength'].map(
      (name) => valuesIn(item, name)[0],
    );
    if (algorithm === undefined || length === undefined) continue;
    const code = enumerationCode(Tag.CryptographicAlgorithm, algorithm) ?? 0;
    if (!hasAlgorithm(code, Number(length))) return `algorithm ${algorithm} ${length}`;
  }
  return undefined;
}

/** Types of the objects that requests make. */
function typesOf({ exchanges }: TestCase): readonly string[] {
  const payloads = exchanges
    .flatMap(({ request }) => elements(request, 'BatchItem'))
    .flatMap((item) => elements(item, 'RequestPayload'));
  return payloads.flatMap((payload) => childValue(payload, 'ObjectType') ?? []);
}

/** The values that requests give under a name, also as attributes of 1.x. */
function values({ exchanges }: TestCase, name: string): readonly string[] {
  return exchanges.flatMap(({ request }) => valuesIn(request, name));
}

function valuesIn(node: XmlNode, name: string): readonly string[] {
  return [...descendants(node)].flatMap((inner) => valueIn(inner, name) ?? []);
}

function valueIn(node: XmlNode, name: string): string | undefined {
  if (node.name === name) return node.attrs.value;
  const isAttribute = node.name === 'Attribute' && childValue(node, 'AttributeName')?.replaceAll(' ', '') === name;
  return isAttribute ? childValue(node, 'AttributeValue') : undefined;
}

/** For a Query by which another server told of itself: what that server told and this one does not. */
function otherDescription({ exchanges }: TestCase, server: Server): string | undefined {
  for (const { request, answer } of exchanges) {
    const [name, ...more] = [...descendants(request)].filter((node) => node.name === 'QueryFunction');
    const description = selfDescriptions.get(name?.attrs.value ?? '');
    if (description === undefined || more.length > 0) continue;
    const [payload] = [...descendants(answer)].filter((node) => node.name === 'ResponsePayload');
    const told = payload?.children.map((node) => fingerprint(itemFromXml(node))) ?? [];
    const own = server.descriptions.get(name?.attrs.value ?? '') ?? [];
    if (told.join() !== own.join()) return `${description.what} of another server`;
  }
  return undefined;
}
