import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Version, versions } from '../../ttlv/tables/versions.ts';
import { parseXml, type XmlNode } from '../../ttlv/xml.ts';
import { correct } from './known-bad.ts';

/** A request of a case and the answer published for it, with their placeholders ($UNIQUE_IDENTIFIER_0, $NOW ...). */
export interface Exchange {
  /** A RequestMessage. */
  readonly request: XmlNode;
  /** A ResponseMessage. */
  readonly answer: XmlNode;
}

export type Transport = 'TLS' | 'HTTPS';

/** One file of the standard's published test cases. */
export interface TestCase {
  /** The folder: `profiles-1.0-mandatory`, `testcases-1.2` ... */
  readonly directory: string;
  /** The file without .xml: `SKLC-M-1-10`. */
  readonly name: string;
  /** The version of its first message. */
  readonly version: Version;
  /** What carries its messages. */
  readonly transport: Transport;
  readonly exchanges: readonly Exchange[];
  /** Why the file could not be read: no XML, or not messages in pairs. Such a case has no exchanges, and fails. */
  readonly unreadable?: unknown;
}

/** Where the published cases are: $KMIP_TESTCASES, or beside this project. */
export function casesDirectory(): string {
  return process.env['KMIP_TESTCASES'] ?? path.join(import.meta.dirname, '../../../shared/kmip/testcases');
}

/** Folders of the versions that this project speaks. */
const folder = /^(profiles|testcases)-(1\.[0-4]|2\.[01])(-|$)/;

/** All cases of 1.0 to 2.1 under `root`, folder by folder; undefined if there is no such directory. */
export function findCases(root: string): readonly TestCase[] | undefined {
  if (!existsSync(root)) return undefined;
  const directories = readdirSync(root).filter((name) => folder.test(name));
  return directories.toSorted().flatMap((directory) =>
    readdirSync(path.join(root, directory))
      .filter((file) => file.endsWith('.xml'))
      .toSorted(new Intl.Collator('en', { numeric: true }).compare)
      .map((file) => readCase(directory, path.basename(file, '.xml'), readFileSync(path.join(root, directory, file)))),
  );
}

/** Reads a case. One that cannot be read is no reason not to run the others. */
export function readCase(directory: string, name: string, file: Uint8Array): TestCase {
  try {
    return parseCase(directory, name, file);
  } catch (unreadable) {
    const [major, minor] = (folder.exec(directory)?.[2] ?? '').split('.');
    return { directory, name, version: knownVersion(major, minor), transport: 'TLS', exchanges: [], unreadable };
  }
}

/**
 * Reads a case. Runs of blanks, which the files of 1.0 to 1.2 have within names and texts, become one.
 * @throws TtlvError if the file is no XML, Error if its messages are not pairs of request and answer
 */
export function parseCase(directory: string, name: string, file: Uint8Array): TestCase {
  const messages = parseXml(correct(name, Buffer.from(file).toString('utf8'))).children.map(collapseBlanks);
  const exchanges: Exchange[] = [];
  for (let i = 0; i < messages.length; i += 2) {
    const [request, answer] = messages.slice(i, i + 2);
    if (request?.name !== 'RequestMessage' || answer?.name !== 'ResponseMessage') {
      throw new Error(`${directory}/${name}: message ${i + 1} is out of place`);
    }
    exchanges.push({ request, answer });
  }
  const version = versionOf(exchanges[0]?.request);
  // By its title: nothing else in a file tells.
  const transport = name.startsWith('MSGENC-HTTPS-') ? 'HTTPS' : 'TLS';
  return { directory, name, version, transport, exchanges: exchanges.flatMap(withoutHarness) };
}

function collapseBlanks(node: XmlNode): XmlNode {
  const value = node.attrs.value?.replaceAll(/ {2,}/g, ' ');
  const attrs = value === undefined ? node.attrs : { ...node.attrs, value };
  return { ...node, attrs, children: node.children.map(collapseBlanks) };
}

/** Operations by which the authors' test harness marks begin, end and progress of a case (KMIP 2.0, 6.1.28). */
const harness: ReadonlySet<string | undefined> = new Set(['Interop', 'Log']);

/** The exchange without batch items that only serve the harness; nothing if no others are left. */
function withoutHarness({ request, answer }: Exchange): readonly Exchange[] {
  const items = elements(request, 'BatchItem');
  const kept = items.map((item) => !harness.has(childValue(item, 'Operation')));
  if (!kept.includes(true)) return [];
  return [{ request: keepItems(request, kept), answer: keepItems(answer, kept) }];
}

function keepItems(message: XmlNode, kept: readonly boolean[]): XmlNode {
  let index = -1;
  const children = message.children.filter((child) => {
    if (child.name !== 'BatchItem') return true;
    index += 1;
    return kept[index] ?? true;
  });
  const count = String(children.filter((child) => child.name === 'BatchItem').length);
  return withBatchCount({ ...message, children }, count);
}

function withBatchCount(node: XmlNode, count: string): XmlNode {
  if (node.name === 'BatchCount') return { ...node, attrs: { ...node.attrs, value: count } };
  if (node.name === 'BatchItem') return node;
  return { ...node, children: node.children.map((child) => withBatchCount(child, count)) };
}

function versionOf(request: XmlNode | undefined): Version {
  const [major, minor] = ['ProtocolVersionMajor', 'ProtocolVersionMinor'].map(
    (name) => request && [...descendants(request)].find((node) => node.name === name)?.attrs.value,
  );
  return knownVersion(major, minor);
}

function knownVersion(major: string | undefined, minor: string | undefined): Version {
  const version = versions.find((known) => known === Number(major) * 10 + Number(minor));
  if (version === undefined) throw new Error(`a case of the unknown version ${major}.${minor}`);
  return version;
}

/** The children of that name. */
export function elements(node: XmlNode, name: string): readonly XmlNode[] {
  return node.children.filter((child) => child.name === name);
}

/** The value of the first child of that name. */
export function childValue(node: XmlNode, name: string): string | undefined {
  return elements(node, name)[0]?.attrs.value;
}

/** The element and all within it, in the order of the document. */
export function* descendants(node: XmlNode): Generator<XmlNode> {
  yield node;
  for (const child of node.children) yield* descendants(child);
}
