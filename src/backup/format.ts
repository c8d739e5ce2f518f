import { Buffer } from 'node:buffer';
import * as v from 'valibot';
import { decodeValue, encodeValue } from '../objects/canonical.ts';
import type { Foundation } from '../store/archive.ts';
import type { InstallationRow, StoredObject } from '../store/store.ts';

/*
 * A backup file. Numbers are big-endian; what is stored is in the stored form of objects/canonical.ts, fields that are null
 * left out.
 *
 *   magic      8   `KLEISBAK`
 *   length     4   of the header
 *   header         stored `Header`, in the clear: what the seal has to open before anything else can be read. Root key
 *                  and keyring are in it as they are in the database, wrapped.
 *   chunks         of each: length (4, of what follows), nonce (12), ciphertext, GCM tag (16). A chunk is a stored list of
 *                  objects with their grants, oldest first, about 1 MiB or one object; the last one is the stored `Manifest`.
 *
 * Chunks are encrypted with AES-256-GCM under a key of the file: HKDF-SHA256 (RFC 5869) of the key `backup` of the
 * header's generation, salt: the header's, info: `kleis backup file` and SHA-256 of magic, length and header. So nothing in the
 * header can be changed. Additional data are a TTLV Structure (540001) of `backup chunk` (540004), the chunk's number from 0
 * as text (540030), and whether it is the last one (540031): chunks that are missing, repeated, in another order or of
 * another file do not open.
 */

export const MAGIC = Buffer.from('KLEISBAK');
export const LENGTH_BYTES = 4;
/** A program that writes what older ones cannot read raises it. */
export const FORMAT = 1;
export const SALT_BYTES = 32;
/** More than keyrings grow to in centuries: a length beyond was not written by us. */
export const MOST_HEADER_BYTES = 64 * 1024 * 1024;

/** The file cannot be written, or is not a backup that can be used; the message says why in an operator's words. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

export interface Header extends Foundation {
  readonly format: number;
  /** The generation of the keyring under whose key the file is encrypted. */
  readonly generation: number;
  /** Random, 32 bytes. */
  readonly salt: Buffer;
}

/** Numbers of rows, by table. */
export interface Tables {
  readonly keyring: number;
  readonly audit_keys: number;
  readonly objects: number;
  readonly read_access: number;
}

/** What people are told of a backup. */
export interface Contents {
  /** Seconds since the epoch. */
  readonly created: number;
  /** The version of the program that has written the file. */
  readonly program: string;
  /** How many rows of each table are in the file. */
  readonly tables: Tables;
}

/** What a backup is of: the last chunk. */
export interface Manifest extends Contents {
  /** The last migration of the database's schema. */
  readonly schema: string;
  /** SHA-256 of all other chunks' contents. */
  readonly digest: Buffer;
}

// Strict: what this program does not know must not be lost on the way.
const bytes = v.instance(Buffer);
const number = v.pipe(v.number(), v.safeInteger());
const orNull = <T>(schema: v.GenericSchema<T>) => v.nullish(schema, null);
const wrappedRootKey = { parameters: v.string(), wrapped: bytes };

const headerForm = v.strictObject({
  format: number,
  generation: number,
  salt: bytes,
  installation: v.strictObject({
    ...wrappedRootKey,
    id: v.string(),
    seal: v.string(),
    revision: number,
    adminToken: orNull(bytes),
    recovery: orNull(v.strictObject(wrappedRootKey)),
    tag: orNull(bytes),
  }),
  keyring: v.array(
    v.strictObject({ generation: number, wrapped: bytes, created: number, primary: v.boolean(), reserved: number }),
  ),
  auditKeys: v.array(v.strictObject({ generation: number, wrapped: bytes, created: number })),
});

const objectForm = v.strictObject({
  row: v.strictObject({
    id: v.string(),
    sequence: number,
    type: number,
    state: number,
    owner: v.string(),
    revision: number,
    generation: number,
    attributes: bytes,
    material: orNull(bytes),
    usageLeft: orNull(v.bigint()),
    tag: bytes,
  }),
  grants: v.array(v.strictObject({ userid: v.string(), permissions: v.string() })),
});

const manifestForm = v.strictObject({
  created: number,
  program: v.string(),
  schema: v.string(),
  tables: v.strictObject({ keyring: number, audit_keys: number, objects: number, read_access: number }),
  digest: bytes,
});

/** Magic, length and header. */
export function encodeHeader(header: Header): Buffer {
  const { installation } = header;
  const body = encodeValue({ ...header, installation: withoutNulls(installation) satisfies Partial<InstallationRow> });
  return Buffer.concat([MAGIC, lengthOf(body), body]);
}

/** The stored form of a header. Throws BackupError where it is none. */
export function decodeHeader(body: Buffer): Header {
  return decoded(headerForm, body, 'the header of the backup file is damaged');
}

/** A chunk of objects. Throws BackupError that names a row whose columns hold what no program of ours has written. */
export function encodeObjects(objects: readonly StoredObject[]): Buffer {
  const damaged = objects.find((one) => !v.is(objectForm, one));
  if (damaged !== undefined) {
    throw new BackupError(`the row ${damaged.row.id} of objects cannot be backed up: its columns are of wrong types`);
  }
  return encodeValue(objects.map(({ row, grants }) => ({ row: withoutNulls(row), grants })));
}

/** The objects of a chunk that has opened. */
export function decodeObjects(body: Buffer): readonly StoredObject[] {
  return decoded(v.array(objectForm), body, 'the backup file has a chunk that this program cannot read');
}

export function encodeManifest(manifest: Manifest): Buffer {
  return encodeValue(manifest);
}

/** The manifest of a last chunk that has opened. */
export function decodeManifest(body: Buffer): Manifest {
  return decoded(manifestForm, body, 'the backup file has a manifest that this program cannot read');
}

/** Counts what is in a backup. */
export class Tally {
  readonly #tables: { -readonly [Table in keyof Tables]: number };

  constructor({ keyring, auditKeys }: Foundation) {
    this.#tables = { keyring: keyring.length, audit_keys: auditKeys.length, objects: 0, read_access: 0 };
  }

  add(objects: readonly StoredObject[]): void {
    this.#tables.objects += objects.length;
    for (const { grants } of objects) this.#tables.read_access += grants.length;
  }

  get tables(): Tables {
    return { ...this.#tables };
  }
}

/** A length as it stands in the file. */
export function lengthOf(body: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(body.length);
  return length;
}

function decoded<T>(form: v.GenericSchema<unknown, T>, body: Buffer, otherwise: string): T {
  try {
    return v.parse(form, decodeValue(body));
  } catch (cause) {
    throw new BackupError(otherwise, { cause });
  }
}

/** The stored form has no null. */
function withoutNulls<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Partial<T>;
}
