import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Secret } from '../../../src/crypto/secret.ts';
import { HandedKeks } from '../../../src/seal/handed-keks.ts';
import { Frame, Handover, kekBody, type Received } from '../../../src/seal/handover.ts';
import { destroySockets, socketPair } from '../../support/sockets.ts';

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(1);
}

describe('handover', () => {
  afterEach(destroySockets);

  async function receiver() {
    const [ours, theirs] = await socketPair();
    const frames: Received[] = [];
    const handover = new Handover(theirs, (frame) => void frames.push(frame));
    return { ours, theirs, handover, frames };
  }

  // Length 3, kind 5, request 7, "abc"; then an empty frame of kind 3 without request.
  const bytes = Buffer.from('00000003 05 00000007 616263 00000000 03 00000000'.replaceAll(' ', ''), 'hex');

  it('cuts frames apart wherever the pipe has cut them', async () => {
    for (let size = 1; size <= bytes.length; size += 1) {
      const { ours, frames } = await receiver();
      for (let at = 0; at < bytes.length; at += size) {
        ours.write(Buffer.from(bytes.subarray(at, at + size)));
        await sleep(1);
      }
      await until(() => frames.length === 2);
      assert.deepEqual(frames, [
        { kind: 5, request: 7, body: Buffer.from('abc') },
        { kind: 3, request: 0, body: Buffer.alloc(0) },
      ]);
    }
  });

  it('has a number of its own for each kind of frame', () => {
    const numbers = Object.values(Frame);
    assert.equal(new Set(numbers).size, numbers.length);
  });

  it('sends those bytes', async () => {
    const { ours, handover } = await receiver();
    const got: Buffer[] = [];
    ours.on('data', (chunk: Buffer) => got.push(Buffer.from(chunk)));
    handover.send(Frame.Kek, 7, 'abc');
    handover.send(Frame.Ready);
    await until(() => Buffer.concat(got).length >= bytes.length);
    assert.deepEqual(Buffer.concat(got), bytes);
  });

  it('gives up a pipe that announces more than any frame has', async () => {
    const { ours, theirs, frames } = await receiver();
    theirs.on('error', () => {});
    ours.write(Buffer.from('0100000005', 'hex'));
    ours.write(Buffer.alloc(100));
    await until(() => theirs.destroyed);
    assert.deepEqual(frames, []);
  });

  it('keeps no copy of a key that was sent or received', async () => {
    const [ours, theirs] = await socketPair();
    const chunks: Buffer[] = [];
    theirs.on('data', (chunk: Buffer) => chunks.push(chunk));
    const frames: Received[] = [];
    new Handover(theirs, (frame) => void frames.push(frame));
    const body = kekBody({ generation: 1, key: new Secret(Buffer.alloc(32, 0xaa)) });
    new Handover(ours, () => {}).send(Frame.Kek, 1, body);
    await until(() => frames.length === 1);
    assert.equal(frames[0]?.body.toString('hex'), `00000001${'aa'.repeat(32)}`);
    for (const buffer of [body, ...chunks]) assert.equal(buffer.includes(0xaa), false);
  });
});

describe('keys handed to a worker', () => {
  afterEach(destroySockets);

  async function worker() {
    const [ours, theirs] = await socketPair();
    const asked: Received[] = [];
    const primary = new Handover(theirs, (frame) => void asked.push(frame));
    const keks: HandedKeks = new HandedKeks(new Handover(ours, (frame) => keks.answer(frame)));
    return { keks, primary, asked };
  }

  it('go to who asked, whatever the order of the answers', async () => {
    const { keks, primary, asked } = await worker();
    const answers = [keks.generation(5), keks.primary(), keks.primary(6), keks.generation(9)] as const;
    await until(() => asked.length === 4);
    assert.deepEqual(
      asked.map(({ kind, body }) => [kind, body.readUInt32BE(0)]),
      [
        [Frame.WantGeneration, 5],
        [Frame.WantPrimary, 0],
        [Frame.WantPrimary, 6],
        [Frame.WantGeneration, 9],
      ],
    );
    const [five, current, next, none] = asked.map(({ request }) => request);
    primary.send(Frame.Kek, next, kekBody({ generation: 7, key: new Secret(Buffer.alloc(32, 7)) }));
    primary.send(Frame.NoSuchGeneration, none);
    primary.send(Frame.Kek, current, kekBody({ generation: 6, key: new Secret(Buffer.alloc(32, 6)) }));
    primary.send(Frame.Kek, five, kekBody({ generation: 5, key: new Secret(Buffer.alloc(32, 5)) }));
    const got = await Promise.all(answers);
    assert.deepEqual(
      got.map((kek) => kek?.generation),
      [5, 6, 7, undefined],
    );
    assert.deepEqual(
      got.map((kek) => kek?.key.expose()[31]),
      [5, 6, 7, undefined],
    );
  });

  it('are refused with an error for the client that does not say why, and a cause for the log that does', async () => {
    const { keks, primary, asked } = await worker();
    const answer = keks.generation(2);
    await until(() => asked.length === 1);
    primary.send(Frame.Refused, asked[0]?.request, 'generation 2 of the keyring does not open');
    await assert.rejects(answer, (error: Error) => {
      assert.equal(error.message, 'the keyring does not open');
      assert(error.cause instanceof Error);
      assert.equal(error.cause.message, 'generation 2 of the keyring does not open');
      return true;
    });
  });
});
