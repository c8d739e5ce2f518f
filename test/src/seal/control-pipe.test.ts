import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Secret } from '../../../src/crypto/secret.ts';
import { KmipError } from '../../../src/errors.ts';
import type { SealControl, SealStatus } from '../../../src/seal/control.ts';
import { answerControl, PipeControl } from '../../../src/seal/control-pipe.ts';
import { Frame, Handover } from '../../../src/seal/handover.ts';
import { secretOf, textOf } from '../../support/secrets.ts';
import { destroySockets, socketPair } from '../../support/sockets.ts';

const status: SealStatus = {
  state: 'sealed',
  seal: 'shamir',
  cnt: 1,
  required: 3,
  reason: undefined,
  operation: undefined,
};

const never = async () => assert.fail('not asked for');
const nobody: SealControl<Secret> = {
  status: never,
  submit: never,
  seal: never,
  begin: never,
  replaceAdminToken: never,
  brokenKeys: never,
  cancel: never,
  verifyAdminToken: never,
};

/** A worker's control, whose primary has that one; and every byte that the worker sends. */
async function connected(control: Partial<SealControl<Secret>>) {
  const [ours, theirs] = await socketPair();
  const sent: Buffer[] = [];
  theirs.on('data', (chunk: Buffer) => sent.push(Buffer.from(chunk)));
  const worker: PipeControl = new PipeControl(new Handover(ours, (frame) => worker.answer(frame)));
  const primary: Handover = new Handover(theirs, (frame) => {
    assert.equal(frame.kind, Frame.Control);
    void answerControl({ ...nobody, ...control }, primary, frame);
  });
  const key = once(ours, 'data');
  primary.begin();
  await key;
  return { worker, sent: () => Buffer.concat(sent) };
}

describe('the control of the seal, over the pipe', () => {
  afterEach(destroySockets);

  it('gives the primary the shares byte by byte, encrypted, and zeroes them on the way', async () => {
    const texts = ['KLEIS1-AAAA', 'no share: "\\ \u00e9', ''];
    const given: string[] = [];
    const nonces: (string | undefined)[] = [];
    const { worker, sent } = await connected({
      submit: async (shares, nonce) => {
        given.push(...shares.map(textOf));
        nonces.push(nonce);
        return { refused: [], status, completed: { kind: 'rekey', shares: [secretOf('one'), secretOf('two')] } };
      },
    });
    const shares = texts.map(secretOf);
    const held = shares.map((share) => share.expose());
    const { status: answered, completed } = await worker.submit(shares, 'n');
    assert.deepEqual(given, texts);
    assert.deepEqual(nonces, ['n']);
    assert.deepEqual(answered, status);
    assert.deepEqual(completed, { kind: 'rekey', shares: ['one', 'two'] });
    for (const bytes of held) assert(bytes.every((byte) => byte === 0));
    // Kind, request and JSON without the shares, which follow encrypted: Node keeps what the primary reads.
    const json = '{"name":"submit","values":{"nonce":"n"}}\0';
    assert.equal(sent().toString('latin1', 9, 9 + json.length), json);
    assert.equal(sent().length, 9 + json.length + 12 + Buffer.byteLength(texts.join('\0')) + 16);
    assert.deepEqual([...sent().subarray(4, 9)], [12, 0, 0, 0, 1]);
    for (const text of texts.filter((one) => one !== '')) assert.equal(sent().includes(text), false);
  });

  it('gives a new administrator token apart from shares', async () => {
    const { worker } = await connected({
      replaceAdminToken: async (shares, nonce) => {
        assert.deepEqual([shares.map(textOf), nonce], [['share'], undefined]);
        const completed = { kind: 'admin-token' as const, shares: [], adminToken: secretOf('another') };
        return { refused: [], status, completed };
      },
    });
    const { completed } = await worker.replaceAdminToken([secretOf('share')]);
    assert.deepEqual(completed, { kind: 'admin-token', shares: [], adminToken: 'another' });
  });

  it('has every call of it, and matches answers to calls', async () => {
    const { worker } = await connected({
      status: async () => status,
      seal: async ({ all }) => assert.equal(all, true),
      begin: async ({ kind }) => ({ operation: { kind, nonce: 'n', cnt: 0, required: 2 }, completed: undefined }),
      cancel: async (nonce) => assert.equal(nonce, 'n'),
      verifyAdminToken: async (token) => textOf(token) === 'right',
    });
    const answers = await Promise.all([
      worker.verifyAdminToken(secretOf('right')),
      worker.status(),
      worker.verifyAdminToken(secretOf('wrong')),
      worker.begin({ kind: 'rotate-root' }),
      worker.seal({ all: true }),
      worker.cancel('n'),
    ]);
    const begun = { operation: { kind: 'rotate-root', nonce: 'n', cnt: 0, required: 2 }, completed: undefined };
    assert.deepEqual(answers, [true, status, false, begun, undefined, undefined]);
  });

  it('passes failures on by name; of what is a bug, the client is told nothing', async () => {
    const { worker } = await connected({
      begin: async () => Promise.reject(new KmipError('wrong-state', 'another operation is under way')),
      cancel: async () => Promise.reject(new TypeError('undefined is no function')),
    });
    await assert.rejects(worker.begin({ kind: 'rotate-root' }), {
      error: 'wrong-state',
      message: 'another operation is under way',
    });
    await assert.rejects(worker.cancel('n'), (error: KmipError) => {
      assert.deepEqual([error.error, error.message], ['internal', 'the server failed']);
      assert(error.cause instanceof Error);
      assert.equal(error.cause.message, 'undefined is no function');
      return true;
    });
  });
});
