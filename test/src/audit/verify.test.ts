import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hmacChain, plainChain } from '../../../src/audit/chain.ts';
import type { AuditEntry } from '../../../src/audit/entry.ts';
import { FileAuditWriter } from '../../../src/audit/file.ts';
import { AuditVerifier } from '../../../src/audit/verify.ts';

const keys = [1, 2].map(() => createSecretKey(randomBytes(32)));
const entry: AuditEntry = {
  kind: 'outcome',
  who: 'Jü"rgen","chain":"x"}',
  from: '192.0.2.7',
  operation: 'Get',
  result: 'success',
};

describe('audit/verify', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kleis-verify-'));
    path = join(directory, 'audit-n-1.jsonl');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Opens the file under the key of a generation, or without one; writes so many entries, each by itself. */
  async function write(generation: number | undefined, count: number, between = () => {}): Promise<void> {
    const key = generation === undefined ? undefined : keys[generation - 1];
    const sign = key === undefined ? plainChain : hmacChain(key);
    const log = { error: () => assert.fail(), info: () => {} };
    const writer = new FileAuditWriter({ directory, node: 'n', worker: 1, sign, generation, log });
    for (let index = 0; index < count; index++) {
      writer.append(entry);
      if (index % 2 === 0) writer.append(entry);
      await writer.accepted();
    }
    between();
    writer.close();
  }

  /** `line: text` of each finding. */
  async function findings(...files: readonly string[]): Promise<readonly string[]> {
    const verifier = await verified(...files);
    return verifier.findings.map(({ line, text }) => `${line}: ${text}`);
  }

  async function verified(...files: readonly string[]): Promise<AuditVerifier> {
    const verifier = new AuditVerifier(async (generation) => keys[generation - 1]);
    for (const file of files.length === 0 ? [path] : files) await verifier.check(file);
    return verifier;
  }

  const lines = () => readFileSync(path, 'utf8').split(/(?<=\n)/);
  const edit = (change: (lines: string[]) => readonly string[]) => writeFileSync(path, change(lines()).join(''));

  it('finds nothing in what several processes wrote under several generations', async () => {
    await write(1, 3);
    await write(2, 3);
    await write(1, 1);
    const { findings, entries, unkeyed } = await verified();
    assert.deepEqual([findings, entries, unkeyed], [[], 15, 0]);
  });

  it('tells how many of the last entries have a chain without a key', async () => {
    await write(undefined, 2);
    await write(1, 1);
    assert.equal((await verified()).unkeyed, 0);
    await write(undefined, 2);
    const { findings, unkeyed } = await verified();
    assert.deepEqual([findings, unkeyed], [[], 4]);
  });

  it('reads on in the next file after rotation, and misses the one before', async () => {
    await write(1, 2);
    const old = `${path}.1`;
    const log = { error: () => assert.fail(), info: () => {} };
    const sign = hmacChain(keys[0] ?? assert.fail());
    const writer = new FileAuditWriter({ directory, node: 'n', worker: 1, sign, generation: 1, log });
    renameSync(path, old);
    writer.reopen();
    writer.close();
    await write(2, 1);
    assert.deepEqual(await findings(old, path), []);
    assert.deepEqual(await findings(path), []);
    assert.match((await findings(path, old)).join(), /missing or was changed/);
  });

  const forgeries: readonly [string, (lines: string[]) => readonly string[], RegExp][] = [
    [
      'a changed entry',
      (all) => all.with(2, String(all[2]).replace('success', 'denied')),
      /^3: what is written up to here was changed$/,
    ],
    ['a missing entry', (all) => all.toSpliced(3, 1), /entries 4 to 4 are missing/],
    ['a repeated entry', (all) => all.toSpliced(3, 0, String(all[2])), /the entry has number 3, where 4 is due/],
    [
      'entries in another order',
      (all) => [...all.slice(0, 1), ...all.slice(3, 4), ...all.slice(1, 3), ...all.slice(4)],
      /missing/,
    ],
    ['entries before a restart that are gone', (all) => all.toSpliced(4, 2), /missing or was changed/],
    ['a beginning that is gone', (all) => all.slice(2), /changed/],
    [
      'a process that is said to have had no key',
      (all) => all.map((line) => line.replace(',"generation":2', '')),
      /changed/,
    ],
    [
      'a process that is said to have had another key',
      (all) => all.map((line) => line.replace('"generation":2', '"generation":1')),
      /changed/,
    ],
    [
      'a key that nobody has',
      (all) => all.map((line) => line.replace('"generation":2', '"generation":7')),
      /generation 7 is not in the keyring/,
    ],
  ];
  for (const [what, forge, expected] of forgeries) {
    it(`finds ${what}`, async () => {
      await write(1, 3);
      await write(2, 2);
      assert.deepEqual(await findings(), []);
      edit(forge);
      assert.match((await findings()).join('\n'), expected);
    });
  }

  it('vouches for no lines that their writer has not linked', async () => {
    await write(1, 1);
    const forged = '{"seq":4,"time":"2026-01-01T00:00:00.000Z","kind":"outcome"}\n';
    appendFileSync(path, `${forged}{"se`);
    assert.match((await findings()).join('\n'), /^5: the line is torn\n5: 2 lines have no link/);
    await write(1, 1);
    assert.match(
      (await findings()).join('\n'),
      /2 lines have no link: there was a crash, or somebody else has written them/,
    );
  });

  it('needs the key', async () => {
    await write(1, 2);
    const verifier = new AuditVerifier(async () => keys[1]);
    await verifier.check(path);
    assert.notEqual(verifier.findings.length, 0);
  });
});
