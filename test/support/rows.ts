import { createHash } from 'node:crypto';
import type { AuditKeyRow, IndexEntries, InstallationRow, KeyringRow, RowPut, Store } from '../../src/store/store.ts';
import { ObjectType, State } from '../../ttlv/tables/enums.ts';

/** What a test wants to say of a row to be written; the rest is filled in. */
export interface Wanted {
  readonly expected?: number;
  readonly revision?: number;
  readonly type?: number;
  readonly state?: number;
  readonly owner?: string;
  readonly generation?: number;
  readonly attributes?: Buffer;
  readonly material?: Buffer | null;
  readonly usageLeft?: bigint | null;
  readonly tag?: Buffer;
  readonly grants?: RowPut['grants'];
  readonly index?: Partial<IndexEntries>;
}

/** A row to be written: an insertion, or a change where `expected` is given. */
export function put(id: string, wanted: Wanted = {}): RowPut {
  const { expected, material, usageLeft } = wanted;
  return {
    row: {
      id,
      type: wanted.type ?? ObjectType.SymmetricKey,
      state: wanted.state ?? State.Active,
      owner: wanted.owner ?? 'owner',
      revision: wanted.revision ?? (expected ?? 0) + 1,
      generation: wanted.generation ?? 1,
      attributes: wanted.attributes ?? Buffer.from(`attributes of ${id}`),
      tag: wanted.tag ?? Buffer.from(`tag of ${id}`),
    },
    ...(expected === undefined ? {} : { expected }),
    ...(material === undefined ? {} : { material }),
    ...(usageLeft === undefined ? {} : { usageLeft }),
    grants: wanted.grants ?? [],
    index: { algorithm: null, length: null, dates: {}, values: [], ...wanted.index },
  };
}

/** The digest under which a store finds a value. */
export function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest().subarray(0, 16);
}

export const installation: InstallationRow = {
  id: 'e0b1a9f6-6c3f-4f8e-9d53-0f9d3c9f9a51',
  seal: 'passphrase',
  parameters: '{"iterations":600000}',
  wrapped: Buffer.from('a wrapped root key'),
  revision: 1,
  adminToken: null,
  recovery: null,
  tag: null,
};

export function generation(number: number): KeyringRow {
  return {
    generation: number,
    wrapped: Buffer.from(`kek ${number}`),
    created: 1_700_000_000,
    primary: true,
    reserved: 0,
  };
}

/** What stays of a generation. */
export function auditKey(number: number): AuditKeyRow {
  return { generation: number, wrapped: Buffer.from(`audit key ${number}`), created: 1_700_000_000 };
}

/** Inserts rows; answers the store. */
export async function filled(store: Store, ...puts: readonly RowPut[]): Promise<Store> {
  for (const one of puts) await store.commit({ puts: [one] });
  return store;
}

/** All identifiers that a query finds, in order. */
export async function found(store: Store, query: Parameters<Store['find']>[0]): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of store.find(query)) ids.push(...page);
  return ids;
}
