import assert from 'node:assert/strict';
import { createHmac, createSecretKey } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hmacChain } from '../../../src/audit/chain.ts';
import type { AuditEntry } from '../../../src/audit/entry.ts';
import { FileAuditWriter } from '../../../src/audit/file.ts';

const key = Buffer.from('0123456789abcdef0123456789abcdef');
const entry: AuditEntry = {
  kind: 'outcome',
  who: 'alice@example.com',
  from: '192.0.2.7',
  operation: 'Encrypt',
  object: '7f3a2c1e-1234',
  result: 'denied',
  reason: 'not-permitted',
  durationMicroseconds: 120,
  correlation: 'c1',
};

/** Checks an audit file as its documentation says, from the bytes alone; answers the lines that can be read. */
function verified(path: string, previous = ''): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  let chain = previous;
  let covered = '';
  for (const line of readFileSync(path, 'latin1').split(/(?<=\n)/)) {
    const [, body, link] = /^(\{.*),"chain":"([\w-]+)"\}\n$/.exec(line) ?? [];
    covered += body ?? line;
    if (line.endsWith('}\n')) lines.push(JSON.parse(Buffer.from(line, 'latin1').toString()));
    if (link === undefined) continue;
    const expected = createHmac('sha256', key).update(`${chain}\n`).update(covered, 'latin1').digest('base64url');
    assert.equal(link, expected);
    chain = link;
    covered = '';
  }
  assert.equal(covered, '', 'the file ends with lines outside the chain');
  return lines;
}

describe('audit/file', () => {
  let directory: string;
  let errors: string[];
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'kleis-audit-')), 'audit');
    errors = [];
  });
  afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

  const path = (): string => join(directory, 'audit-n1-2.jsonl');
  const log = { error: (_: unknown, text?: string) => void errors.push(text ?? ''), info: () => {} };
  const open = (): FileAuditWriter =>
    new FileAuditWriter({ directory, node: 'n1', worker: 2, sign: hmacChain(createSecretKey(key)), log });

  async function write(writer: FileAuditWriter, ...entries: Partial<AuditEntry>[]): Promise<void> {
    for (const one of entries) writer.append({ ...entry, ...one });
    await writer.accepted();
  }

  it('writes an entry as one line, with number, time and writer', async () => {
    const writer = open();
    const before = Date.now();
    await write(writer, {});
    const [opened, line] = verified(path());
    assert.equal(opened?.['kind'], 'opened');
    assert.ok(line !== undefined);
    const { time, chain, ...fields } = line;
    assert.deepEqual(fields, { seq: 2, node: 'n1', worker: 2, ...entry });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Date.parse(String(time)) >= before && Date.parse(String(time)) <= Date.now());
    assert.equal(typeof chain, 'string');
    writer.close();
  });

  it('leaves out what is not known', async () => {
    const writer = open();
    await write(writer, { who: undefined, object: undefined, result: undefined, reason: undefined });
    const names = Object.keys(verified(path())[1] ?? {});
    for (const absent of ['who', 'object', 'result', 'reason']) assert.ok(!names.includes(absent), absent);
    writer.close();
  });

  it('has all entries in the file, in order, as soon as they are accepted', async () => {
    const writer = open();
    await write(writer, { correlation: 'a' }, { correlation: 'b' }, { correlation: 'c' });
    await write(writer, { correlation: 'd' });
    const lines = verified(path()).slice(1);
    assert.deepEqual(
      lines.map((line) => line['correlation']),
      ['a', 'b', 'c', 'd'],
    );
    assert.deepEqual(
      lines.map((line) => line['seq']),
      [2, 3, 4, 5],
    );
    writer.close();
  });

  it('resolves at once when nothing waits', async () => {
    const writer = open();
    await writer.accepted();
    writer.close();
  });

  it('keeps names with quotes, line feeds and letters beyond ASCII in their line', async () => {
    const writer = open();
    const who = 'Jü"r\\gen\n{"seq":99,"who":"x","chain":"x"}\n\ud800';
    await write(writer, { who });
    const lines = verified(path());
    assert.equal(lines.length, 2);
    assert.equal(lines[1]?.['who'], who);
    writer.close();
  });

  it('can be read by its owner only', () => {
    open().close();
    assert.equal(statSync(path()).mode & 0o777, 0o600);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
  });

  it('makes a file name of any node name', () => {
    new FileAuditWriter({ directory, node: '../a b', worker: 1, sign: () => 'x', log }).close();
    assert.deepEqual(readdirSync(directory), ['audit-.._a_b-1.jsonl']);
  });

  it('goes on with numbers and chain after a restart', async () => {
    const first = open();
    await write(first, {});
    first.close();
    const second = open();
    await write(second, {});
    second.close();
    assert.deepEqual(
      verified(path()).map((line) => line['seq']),
      [1, 2, 3, 4],
    );
  });

  for (const [what, torn] of [
    ['half a line', '{"seq":3,"time":"20'],
    ['a line without its link', '{"seq":3,"time":"2026-01-01T00:00:00.000Z"}\n'],
    ['a line and a half', '{"seq":3,"time":"2026-01-01T00:00:00.000Z"}\n{"seq":4,"ti'],
    ['half a character', '{"seq":3,"who":"\xc3'],
  ] as const) {
    it(`is not confused by ${what} that a crash left at the end`, async () => {
      const first = open();
      await write(first, {});
      first.close();
      appendFileSync(path(), torn, 'latin1');
      const second = open();
      await write(second, { correlation: 'after' });
      second.close();
      const lines = verified(path());
      const next = torn.includes('"seq":4') ? 5 : 4;
      assert.deepEqual(
        lines.slice(-2).map((line) => line['seq']),
        [next, next + 1],
      );
      assert.equal(lines.at(-1)?.['correlation'], 'after');
    });
  }

  it('finds the end of its chain behind more than a mebibyte without a link', async () => {
    const first = open();
    await write(first, {});
    first.close();
    appendFileSync(path(), `${'x'.repeat(99)}\n`.repeat(11_000));
    const second = open();
    second.close();
    assert.equal(verified(path()).at(-1)?.['seq'], 3);
  });

  it('shows each line that was changed, taken away or added', async () => {
    const writer = open();
    await write(writer, { correlation: 'a' });
    await write(writer, { correlation: 'b' });
    writer.close();
    const lines = readFileSync(path(), 'utf8').split(/(?<=\n)/);
    const forged = join(directory, 'forged');
    for (const text of [
      lines.join('').replace('"correlation":"a"', '"correlation":"z"'),
      lines.toSpliced(1, 1).join(''),
      [...lines, lines[2]].join(''),
    ]) {
      rmSync(forged, { force: true });
      appendFileSync(forged, text);
      assert.throws(() => verified(forged));
    }
  });

  it('goes on in a new file after rotation, chained to the old one', async () => {
    const writer = open();
    await write(writer, { correlation: 'old' });
    renameSync(path(), `${path()}.1`);
    writer.append({ ...entry, correlation: 'still old' });
    writer.reopen();
    await write(writer, { correlation: 'new' });
    writer.close();
    const old = verified(`${path()}.1`);
    assert.deepEqual(
      old.slice(1).map((line) => line['correlation']),
      ['old', 'still old'],
    );
    const previous = String(old.at(-1)?.['chain']);
    const lines = verified(path(), previous);
    assert.equal(lines[0]?.['previous'], previous);
    assert.equal(lines[1]?.['correlation'], 'new');
    assert.deepEqual(
      [...old, ...lines].map((line) => line['seq']),
      [1, 2, 3, 4, 5],
    );
  });

  describe('on a full disk', () => {
    before(function () {
      if (!existsSync('/dev/full')) this.skip();
    });

    it('does not open', () => {
      open().close();
      rmSync(path());
      symlinkSync('/dev/full', path());
      assert.throws(open, { code: 'ENOSPC' });
    });

    it('rejects what was appended, says so once, and recovers', async () => {
      const writer = open();
      renameSync(path(), `${path()}.1`);
      symlinkSync('/dev/full', path());
      assert.throws(() => writer.reopen(), { code: 'ENOSPC' });
      await assert.rejects(write(writer, { correlation: 'lost' }), { name: 'KmipError', error: 'internal' });
      await assert.rejects(write(writer, { correlation: 'lost too' }), { error: 'internal' });
      assert.equal(errors.length, 1);
      rmSync(path());
      renameSync(`${path()}.1`, path());
      writer.reopen();
      await write(writer, { correlation: 'found' });
      writer.close();
      const lines = verified(path());
      assert.deepEqual(
        lines.map((line) => line['correlation']),
        [undefined, undefined, 'found'],
      );
      assert.ok(Number(lines.at(-1)?.['seq']) > 4, 'the numbers show that entries are missing');
    });
  });

  it('rejects after it was closed', async () => {
    const writer = open();
    writer.close();
    await assert.rejects(write(writer, {}), { error: 'internal' });
  });
});
