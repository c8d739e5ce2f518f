import assert from 'node:assert/strict';
import { createDecipheriv, createHash, createSecretKey, hkdfSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupError, type Manifest } from '../../../src/backup/format.ts';
import { BackupFile } from '../../../src/backup/read.ts';
import { backupBytes, writeBackup } from '../../../src/backup/write.ts';
import { get } from '../../../src/operations/get.ts';
import { openGeneration } from '../../../src/seal/keyring-rows.ts';
import type { GenerationKeys } from '../../../src/seal/keys.ts';
import { openKeyring } from '../../../src/seal/opened-keyring.ts';
import type { Foundation } from '../../../src/store/archive.ts';
import type { InstallationRow, StoredObject } from '../../../src/store/store.ts';
import { named, newKey } from '../../support/managed.ts';
import { START, TestNode } from '../../support/node.ts';
import { openSeal } from '../../support/seal.ts';

/** A small installation, and what a backup of it is made of. */
interface Made {
  readonly node: TestNode;
  readonly foundation: Foundation;
  readonly keys: GenerationKeys;
  readonly objects: readonly StoredObject[];
}

async function made(): Promise<Made> {
  const node = await TestNode.open();
  const ids: string[] = [];
  for (const name of ['one', 'two', 'three']) ids.push(await newKey(node.as('alice'), named(name)));
  await node.grant(ids[1] ?? '', 'bob', 'Get');
  const foundation = {
    installation: (await node.store.installation()) as InstallationRow,
    keyring: await node.store.keyring(),
    auditKeys: await node.store.auditKeys(),
  };
  const { primary: keys } = openKeyring(await openSeal.unwrap(foundation.installation), foundation);
  return { node, foundation, keys, objects: await node.store.readMany(ids) };
}

describe('A backup file', () => {
  let folder: string;
  let one: Made;
  let path: string;
  let file: Buffer;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kleis-backup-'));
    one = await made();
    path = join(folder, 'backup');
    await write(path, one);
    file = readFileSync(path);
  });

  after(() => rmSync(folder, { recursive: true }));

  /** A page an object. */
  function write(to: string, { foundation, keys }: Made, objects = one.objects): Promise<Manifest> {
    async function* pages(): AsyncIterable<readonly StoredObject[]> {
      for (const object of objects) yield [object];
    }
    const snapshot = { schema: '0003-seals', objects: pages };
    return writeBackup(to, backupBytes({ foundation, snapshot, keys, program: '1.2.3', now: START }));
  }

  /** What can be read of a file of these bytes. Throws as reading does. */
  async function contentsOf(bytes: Buffer, keys = one.keys): Promise<{ manifest: Manifest; objects: StoredObject[] }> {
    const copy = join(folder, randomUUID());
    writeFileSync(copy, bytes);
    const backup = await BackupFile.open(copy);
    try {
      const objects: StoredObject[] = [];
      return { manifest: await backup.check(keys, (page) => void objects.push(...page)), objects };
    } finally {
      await backup.close();
      rmSync(copy);
    }
  }

  const refused = (bytes: Buffer, keys?: GenerationKeys) => assert.rejects(contentsOf(bytes, keys), BackupError);

  it('gives back what was written, and says what it is of', async () => {
    const { manifest, objects } = await contentsOf(file);
    assert.deepEqual(objects, one.objects);
    const { digest, ...others } = manifest;
    assert.equal(digest.length, 32);
    assert.deepEqual(others, {
      created: START,
      program: '1.2.3',
      schema: '0003-seals',
      tables: { keyring: 1, audit_keys: 0, objects: 3, read_access: 1 },
    });
    const backup = await BackupFile.open(path);
    const { installation, keyring, auditKeys } = backup.header;
    assert.deepEqual({ installation, keyring, auditKeys }, one.foundation);
    await backup.close();
  });

  it('is for its owner alone, and the one before stays until it is complete', async () => {
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const [object] = one.objects;
    assert.ok(object);
    const damaged = { ...object, row: { ...object.row, tag: JSON.parse('"a text"') } };
    await assert.rejects(write(path, one, [object, damaged]), /^BackupError: the row .* cannot be backed up/);
    assert.deepEqual(readFileSync(path), file);
    assert.deepEqual(readdirSync(folder), ['backup']);
  });

  it('is no backup with a bit flipped anywhere', async () => {
    for (let at = 0; at < file.length; at += 7) {
      const flipped = Buffer.from(file);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
      await refused(flipped);
    }
  });

  it('is no backup when it is cut off anywhere, or longer', async () => {
    for (let length = 0; length < file.length; length += 7) await refused(file.subarray(0, length));
    await refused(Buffer.concat([file, Buffer.of(0)]));
    await refused(Buffer.concat([file, Buffer.alloc(4)]));
  });

  it('is no backup with chunks in another order, missing, repeated, or of another file', async () => {
    const [head, first, second, third, last] = partsOf(file) as [Buffer, Buffer, Buffer, Buffer, Buffer];
    await contentsOf(Buffer.concat([head, first, second, third, last]));
    await refused(Buffer.concat([head, second, first, third, last]));
    await refused(Buffer.concat([head, first, third, last]));
    await refused(Buffer.concat([head, first, second, third, third, last]));
    await refused(Buffer.concat([head, first, second, third]));
    await refused(Buffer.concat([head, last]));
    const again = join(folder, 'again');
    await write(again, one);
    const [, other] = partsOf(readFileSync(again)) as [Buffer, Buffer];
    await refused(Buffer.concat([head, other, second, third, last]));
    rmSync(again);
  });

  it('does not open with the keyring of another installation', async () => {
    const another = await made();
    await refused(file, another.keys);
  });

  it('is as its description says', async () => {
    const [head, first] = partsOf(file) as [Buffer, Buffer];
    const { installation, keyring } = one.foundation;
    const [generation] = keyring;
    assert.ok(generation);
    const kek = openGeneration(
      { rootKey: await openSeal.unwrap(installation), installationId: installation.id },
      generation,
    ).key.expose();
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', kek, installation.id, 'kleis backup', 32)));
    const backup = await BackupFile.open(path);
    const info = Buffer.concat([Buffer.from('kleis backup file'), createHash('sha256').update(head).digest()]);
    const fileKey = Buffer.from(hkdfSync('sha256', key, backup.header.salt, info, 32));
    await backup.close();
    const sealed = first.subarray(4);
    const decipher = createDecipheriv('aes-256-gcm', fileKey, sealed.subarray(0, 12));
    // Structure 540001 of 'backup chunk' (540004), '0' (540030) and false (540031).
    const additional =
      '5400010100000038' +
      '540004070000000c6261636b7570206368756e6b00000000' +
      '54003007000000013000000000000000' +
      '54003106000000080000000000000000';
    decipher.setAAD(Buffer.from(additional, 'hex')).setAuthTag(sealed.subarray(-16));
    const contents = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    assert.ok(contents.includes(one.objects[0]?.row.id ?? 'none'));
    assert.equal(file.subarray(head.length).includes(one.objects[0]?.row.id ?? 'none'), false);
  });

  it('holds no key in any form', async () => {
    const { installation, keyring } = one.foundation;
    // The test's seal is an open one: the root key is the one thing to be found, which shows that the search finds.
    const rootKey = await openSeal.unwrap(installation);
    assert.equal(isIn(file, rootKey.expose()), true);
    for (const row of keyring)
      assert.equal(isIn(file, openGeneration({ rootKey, installationId: installation.id }, row).key.expose()), false);
    for (const name of ['material', 'tags', 'audit', 'backup'] as const) {
      assert.equal(isIn(file, one.keys[name].export()), false, name);
    }
    for (const { row } of one.objects) {
      const { object } = await one.node.as('alice').ask(get, { uniqueIdentifier: row.id });
      const value = 'keyBlock' in object ? object.keyBlock.keyValue : undefined;
      const material = value !== undefined && 'keyMaterial' in value ? value.keyMaterial : undefined;
      assert.ok(Buffer.isBuffer(material) && material.length === 32);
      assert.equal(isIn(file, material), false, row.id);
    }
  });
});

/** Head and chunks. */
function partsOf(file: Buffer): Buffer[] {
  let at = 12 + file.readUInt32BE(8);
  const parts = [file.subarray(0, at)];
  while (at < file.length) {
    const end = at + 4 + file.readUInt32BE(at);
    parts.push(file.subarray(at, end));
    at = end;
  }
  return parts;
}

/** Whether bytes are in others as they are, in hexadecimal, or in base64 at any alignment. */
function isIn(file: Buffer, secret: Buffer): boolean {
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), secret])
      .toString('base64')
      .slice(4, 40),
  );
  const hex = secret.toString('hex');
  return [secret, hex, hex.toUpperCase(), ...base64].some((form) => file.includes(form));
}
