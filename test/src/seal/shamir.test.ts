import assert from 'node:assert/strict';
import { hash, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { Secret } from '../../../src/crypto/secret.ts';
import { shamir } from '../../../src/seal/shamir.ts';
import type { ShareSet } from '../../../src/seal/shares.ts';
import { secretOf, textOf } from '../../support/secrets.ts';

const INSTALLATION = 'e0b1a9f6-6c3f-4f8e-9d53-0f9d3c9f9a51';
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

interface Made {
  readonly sealed: { readonly id: string; readonly parameters: string; readonly wrapped: Buffer };
  readonly rootKey: Buffer;
  readonly shares: readonly string[];
}

async function made(shares: number, threshold: number, id = INSTALLATION, number = 1): Promise<Made> {
  const split = await shamir.split(id, number, { shares, threshold });
  const rootKey = Buffer.alloc(32, 7);
  const sealed = { id, ...(await split.seal.wrap(id, new Secret(rootKey))) };
  split.seal.close();
  return { sealed, rootKey, shares: split.shares.map(textOf) };
}

const take = (set: ShareSet, ...texts: readonly string[]) => texts.map((text) => set.take(secretOf(text)));

/** The 45 bytes of a share, read by nothing of ours. */
function bytesOf(share: string): Buffer {
  const digits = share.slice('KLEIS1'.length).replaceAll('-', '');
  const number = [...digits].reduce((sum, digit) => sum * 32n + BigInt(alphabet.indexOf(digit)), 0n);
  return Buffer.from(number.toString(16).padStart(90, '0'), 'hex');
}

/** The share of 45 bytes, with the check that belongs to them. */
function shareOf(bytes: Buffer): string {
  const covered = bytes.subarray(0, 41);
  const check = hash('sha256', Buffer.concat([Buffer.from('KLEIS1'), covered]), 'buffer').subarray(0, 4);
  let number = BigInt(`0x${Buffer.concat([covered, check]).toString('hex')}`);
  let text = '';
  for (let digit = 0; digit < 72; digit += 1, number /= 32n) text = alphabet[Number(number % 32n)] + text;
  return `KLEIS1${text}`;
}

describe('shares', function () {
  this.timeout(20_000);

  it('open the seal in every subset of the threshold, in any order', async () => {
    const { sealed, rootKey, shares } = await made(5, 3);
    for (const a of shares) {
      for (const b of shares.filter((one) => one !== a)) {
        const c = shares.find((one) => one !== a && one !== b) ?? '';
        const set = shamir.collect(sealed);
        assert.deepEqual(take(set, a, b, c), [undefined, undefined, undefined]);
        const seal = await set.combine();
        assert.deepEqual((await seal.unwrap(sealed)).expose(), rootKey);
        assert.equal(set.count, 0);
      }
    }
  });

  for (const [shares, threshold] of [
    [1, 1],
    [3, 1],
    [2, 2],
    [255, 2],
    [255, 255],
  ] as const) {
    it(`can be ${threshold} of ${shares}`, async () => {
      const { sealed, rootKey, shares: texts } = await made(shares, threshold);
      assert.equal(new Set(texts).size, shares);
      const set = shamir.collect(sealed);
      assert.equal(set.required, threshold);
      take(set, ...texts.slice(-threshold));
      assert.equal(set.isComplete, true);
      assert.deepEqual((await (await set.combine()).unwrap(sealed)).expose(), rootKey);
    });
  }

  it('cannot be fewer than the threshold, none, or more than 255', async () => {
    for (const [shares, threshold] of [
      [2, 3],
      [0, 0],
      [1, 0],
      [256, 2],
      [2.5, 2],
    ] as const) {
      await assert.rejects(shamir.split(INSTALLATION, 1, { shares, threshold }), RangeError);
    }
  });

  it('say what they are: installation, split, threshold, number and check', async () => {
    const { shares } = await made(5, 3, INSTALLATION, 258);
    shares.forEach((share, index) => {
      assert.match(share, /^KLEIS1(-[0-9A-HJKMNP-TV-Z]{4}){18}$/);
      const bytes = bytesOf(share);
      assert.deepEqual(bytes.subarray(0, 4), hash('sha256', INSTALLATION, 'buffer').subarray(0, 4));
      assert.deepEqual([...bytes.subarray(4, 8)], [1, 2, 3, index + 1]);
      assert.equal(shareOf(bytes), share.replaceAll('-', ''));
    });
  });

  it('are kept in the database as HKDF digests, and no byte of them', async () => {
    const { sealed, shares } = await made(2, 2);
    const { digests } = JSON.parse(sealed.parameters);
    shares.forEach((share, index) => {
      const point = bytesOf(share).subarray(8, 41);
      const digest = Buffer.from(hkdfSync('sha256', point, INSTALLATION, `kleis share 1.${index + 1}`, 32));
      assert.equal(digests[index], digest.toString('base64'));
    });
  });

  it('are read as people type them', async () => {
    const { sealed, shares } = await made(3, 2);
    const [share = ''] = shares;
    for (const typed of [
      share.toLowerCase(),
      ` ${share}\r\n`,
      share.replaceAll('-', ''),
      share.replaceAll('-', ' '),
      share.replaceAll('0', 'O').replaceAll('1', 'l'),
      share.replaceAll('1', 'I').replaceAll('0', 'o'),
    ]) {
      assert.deepEqual(take(shamir.collect(sealed), typed), [undefined], typed);
    }
  });

  it('with any typing error are told from all others', async () => {
    const { sealed, shares } = await made(2, 2);
    const [share = ''] = shares;
    const set = shamir.collect(sealed);
    fc.assert(
      fc.property(fc.integer({ min: 6, max: share.length - 1 }), fc.constantFrom(...alphabet), (at, character) => {
        fc.pre(share[at] !== '-' && share[at] !== character);
        assert.deepEqual(take(set, share.slice(0, at) + character + share.slice(at + 1)), ['check-failed']);
      }),
    );
    for (const text of [
      '',
      'KLEIS1',
      share.slice(0, -1),
      `${share}0`,
      share.replace('KLEIS1', 'KLEIS2'),
      `${share.slice(0, -1)}U`,
    ]) {
      assert.deepEqual(take(set, text), ['malformed'], text);
    }
    assert.equal(set.count, 0);
  });

  it('of another installation, of an older split, or given twice are told at once', async () => {
    const other = await made(3, 2, crypto.randomUUID());
    const older = await made(3, 2, INSTALLATION, 1);
    const { sealed, shares } = await made(3, 2, INSTALLATION, 2);
    const set = shamir.collect(sealed);
    assert.deepEqual(take(set, shares[0] ?? '', other.shares[1] ?? '', older.shares[1] ?? '', shares[0] ?? ''), [
      undefined,
      'other-installation',
      'older-split',
      'duplicate',
    ]);
    assert.equal(set.count, 1);
  });

  it('that are well-formed and false are refused alone; the honest ones stay', async () => {
    const { sealed, rootKey, shares } = await made(5, 3);
    const set = shamir.collect(sealed);
    const forged = (change: (bytes: Buffer) => void): string => {
      const bytes = bytesOf(shares[1] ?? '');
      change(bytes);
      return shareOf(bytes);
    };
    const refusals = take(
      set,
      shares[0] ?? '',
      forged((bytes) => bytes.fill(1, 8, 40)),
      forged((bytes) => bytes.writeUInt8(9, 7)),
      forged((bytes) => bytes.writeUInt8(0, 7)),
      forged((bytes) => bytes.writeUInt16BE(7, 4)),
      shares[1] ?? '',
      shares[2] ?? '',
    );
    const no = 'false-share';
    assert.deepEqual(refusals, [undefined, no, no, no, no, undefined, undefined]);
    assert.deepEqual((await (await set.combine()).unwrap(sealed)).expose(), rootKey);
  });

  it('are forgotten when they were used, and when it is asked for', async () => {
    const { sealed, shares } = await made(3, 2);
    const set = shamir.collect(sealed);
    take(set, shares[0] ?? '');
    set.forget();
    assert.equal(set.count, 0);
    assert.deepEqual(take(set, shares[0] ?? ''), [undefined]);
  });

  it('open no other installation', async () => {
    const { sealed, shares } = await made(2, 2);
    const set = shamir.collect(sealed);
    take(set, ...shares);
    const seal = await set.combine();
    await assert.rejects(seal.unwrap({ ...sealed, id: 'another' }), { name: 'SealError' });
    await assert.rejects(seal.unwrap({ ...sealed, parameters: sealed.parameters.replace('"split":1', '"split":2') }), {
      name: 'SealError',
    });
  });

  it('leave a seal that opens nothing once it was closed', async () => {
    const { sealed, shares } = await made(3, 2);
    const set = shamir.collect(sealed);
    take(set, ...shares.slice(1));
    const seal = await set.combine();
    seal.close();
    await assert.rejects(seal.unwrap(sealed), /wiped/);
  });

  it('of parameters that nobody writes are not collected', () => {
    for (const parameters of ['', '{}', '{"split":1,"threshold":3,"digests":["AA=="]}']) {
      assert.throws(() => shamir.collect({ id: INSTALLATION, parameters }), { name: 'SealError' });
    }
  });
});
