import { Budget } from '../../ttlv/budget.ts';
import type { Item } from '../../ttlv/item.ts';
import { decodeItem } from '../../ttlv/reader.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { encodeItem } from '../../ttlv/writer.ts';
import { itemFromXml, parseXml } from '../../ttlv/xml.ts';
import type { Send } from './run.ts';
import { childrenOf, findDeep, fingerprint, numberOf } from './walk.ts';

/** What a server tells of itself in one version. */
export interface Abilities {
  readonly operations: ReadonlySet<number>;
  readonly objectTypes: ReadonlySet<number>;
  /** What it answers to the functions by which a server describes itself, as TTLV in hex, by the function's name. */
  readonly descriptions: ReadonlyMap<string, readonly string[]>;
}

/** Query functions whose answer is one server's description of itself, and since when. */
export const selfDescriptions: ReadonlyMap<string, { readonly what: string; readonly since: Version }> = new Map([
  ['QueryRNGs', { what: 'random number generators', since: 13 }],
  ['QueryValidations', { what: 'validations', since: 13 }],
  ['QueryProfiles', { what: 'profiles', since: 13 }],
  ['QueryCapabilities', { what: 'capabilities', since: 13 }],
  ['QueryClientRegistrationMethods', { what: 'client registration methods', since: 13 }],
]);

/** Asks the server, by Query, what it has in the version. */
export async function askAbilities(send: Send, version: Version): Promise<Abilities> {
  const lists = await query(send, version, ['QueryOperations', 'QueryObjects']);
  const codes = (tag: number): ReadonlySet<number> =>
    new Set(lists.filter((item) => item.tag === tag).flatMap((item) => numberOf(item) ?? []));
  const descriptions = new Map<string, readonly string[]>();
  for (const [name, { since }] of selfDescriptions) {
    if (version >= since) descriptions.set(name, (await query(send, version, [name])).map(fingerprint));
  }
  return { operations: codes(Tag.Operation), objectTypes: codes(Tag.ObjectType), descriptions };
}

async function query(send: Send, version: Version, functions: readonly string[]): Promise<readonly Item[]> {
  const request = parseXml(`
    <RequestMessage>
      <RequestHeader>
        <ProtocolVersion>
          <ProtocolVersionMajor type="Integer" value="${Math.floor(version / 10)}"/>
          <ProtocolVersionMinor type="Integer" value="${version % 10}"/>
        </ProtocolVersion>
        <BatchCount type="Integer" value="1"/>
      </RequestHeader>
      <BatchItem>
        <Operation type="Enumeration" value="Query"/>
        <RequestPayload>
          ${functions.map((name) => `<QueryFunction type="Enumeration" value="${name}"/>`).join('\n')}
        </RequestPayload>
      </BatchItem>
    </RequestMessage>`);
  const answer = decodeItem(await send(encodeItem(itemFromXml(request))), new Budget());
  return childrenOf(findDeep(answer, Tag.ResponsePayload));
}
