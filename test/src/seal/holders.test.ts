import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { format, inspect } from 'node:util';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { pino } from 'pino';
import { NodeClient } from '../../../src/cli/node-client.ts';
import { loadSettings } from '../../../src/config/load.ts';
import { Secret } from '../../../src/crypto/secret.ts';
import { chainKey } from '../../../src/keychain/chain-key.ts';
import { PassphraseRoot } from '../../../src/keychain/roots/passphrase.ts';
import { Pkcs11Root } from '../../../src/keychain/roots/pkcs11.ts';
import { sharesOf } from '../../../src/listeners/bodies.ts';
import { Generations, newInstallation } from '../../../src/seal/generations.ts';
import { identityOf } from '../../../src/seal/identities.ts';
import { deriveKeys } from '../../../src/seal/keys.ts';
import { PassphraseSeal } from '../../../src/seal/passphrase.ts';
import { Pkcs11Seal } from '../../../src/seal/pkcs11.ts';
import { RootOperations } from '../../../src/seal/root-operations.ts';
import { shamir } from '../../../src/seal/shamir.ts';
import { MemoryStore } from '../../../src/store/memory.ts';
import { openSeal } from '../../support/seal.ts';
import { secretOf } from '../../support/secrets.ts';

const TEXT = 'correct horse battery staple 43!';
const bytes = Buffer.from(TEXT);
const ID = 'e0b1a9f6-6c3f-4f8e-9d53-0f9d3c9f9a51';
const token = { library: 'none', token: 'none', key: 'none' };

/** Everything that holds a secret for longer than an expression, with the bytes that must not be seen of it. */
const holders: Readonly<Record<string, () => Promise<readonly [holder: object, ...hidden: Buffer[]]>>> = {
  'a secret': async () => [secretOf(TEXT), bytes],
  'the seal passphrase': async () => [new PassphraseSeal(secretOf(TEXT), 'a file'), bytes],
  'the seal pkcs11': async () => [new Pkcs11Seal({ ...token, pin: secretOf(TEXT) }), bytes],
  'a new split, and the seal shamir': async () => {
    const split = await shamir.split(ID, 1, { shares: 2, threshold: 2 });
    return [split, ...split.shares.map((share) => share.expose())];
  },
  'shares that are collected': async () => {
    const split = await shamir.split(ID, 1, { shares: 2, threshold: 2 });
    const set = shamir.collect({
      id: ID,
      parameters: (await split.seal.wrap(ID, new Secret(Buffer.alloc(32)))).parameters,
    });
    const [share] = split.shares;
    assert(share && set.take(share) === undefined);
    return [
      { set, operations: new RootOperations({ shares: shamir, open: async () => split.seal, patience: 0 }) },
      share.expose(),
    ];
  },
  'the root key': async () => {
    const { installation } = await newInstallation(openSeal, 1);
    const row = { ...installation, wrapped: Buffer.alloc(0) };
    return [new Generations(new MemoryStore(), row, secretOf(TEXT)), bytes];
  },
  'a key encryption key, and what is derived from it': async () => {
    const kek = { generation: 1, key: secretOf(TEXT) };
    const keys = deriveKeys(ID, kek);
    return [
      { kek, keys },
      bytes,
      keys.material.export(),
      keys.tags.export(),
      keys.audit.export(),
      keys.backup.export(),
    ];
  },
  'shares in the body of a request': async () => [sharesOf(Buffer.from(`${TEXT}\n`)), bytes],
  'the token of a command': async () => [new NodeClient(loadSettings({}, {}), secretOf(TEXT)), bytes],
  'the identity of a person': async () => [
    await identityOf(secretOf(`AGE-SECRET-KEY-${TEXT.replaceAll(' ', '')}`), async () => secretOf('')),
    Buffer.from(TEXT.replaceAll(' ', '')),
  ],
  'the root passphrase of a key chain': async () => [new PassphraseRoot(TEXT), bytes],
  'the root pkcs11 of a key chain': async () => [new Pkcs11Root({ ...token, pin: TEXT }), bytes],
  'a key of a key chain': async () => {
    const key = chainKey(Buffer.alloc(16), 1, 0, secretOf(TEXT));
    return [key, bytes, key.wrapping.export(), key.counter.export()];
  },
};

/** What each way of showing it makes of an object. */
const ways: Readonly<Record<string, (holder: object) => string>> = {
  'util.inspect, as console.log': (holder) =>
    format('%s %o %O %j', holder, holder, holder, holder) + inspect({ holder }),
  'util.inspect of all that it finds': (holder) => inspect(holder, { depth: null, showHidden: true, getters: true }),
  'JSON.stringify': (holder) => JSON.stringify({ holder }),
  'template strings': (holder) => `${holder} ${Object.entries(holder)} ${Object.values(holder)}`,
  structuredClone: (holder) => attempt(() => inspect(structuredClone(holder), { depth: null, showHidden: true })),
  postMessage: (holder) => attempt(() => inspect(posted(holder), { depth: null, showHidden: true })),
  'pino, also in an error': logged,
  'messages of errors': (holder) => {
    const error = new Error(`it failed with ${holder}`, { cause: holder });
    return `${error.message} ${error.stack} ${inspect(error, { depth: null })}`;
  },
};

/** What cannot be copied is refused with an error, which may quote it. */
function attempt(show: () => string): string {
  try {
    return show();
  } catch (error) {
    return inspect(error);
  }
}

function posted(holder: object): unknown {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(holder);
    return receiveMessageOnPort(port2);
  } finally {
    port1.close();
  }
}

function logged(holder: object): string {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  log.info({ holder, ...holder }, 'shown');
  log.error({ err: Object.assign(new Error('failed', { cause: holder }), { holder }) }, `failed: ${holder}`);
  return lines.join('');
}

/** Whether the bytes are there, in any form in which bytes are printed. */
function reveals(shown: string, hidden: Buffer): boolean {
  const forms = (['utf8', 'latin1', 'hex', 'base64', 'base64url'] as const).map((form) => hidden.toString(form));
  const spaced = hidden.toString('hex').replace(/..(?=.)/g, '$& ');
  const text = shown.replace(/\s+/g, ' ');
  return [...forms, spaced, hidden.join(','), hidden.join(', ')].some((form) => text.includes(form));
}

describe('what holds a secret', () => {
  for (const [what, hold] of Object.entries(holders)) {
    it(`shows nothing of it: ${what}`, async () => {
      const [holder, ...hidden] = await hold();
      assert.notEqual(hidden.length, 0);
      for (const [way, show] of Object.entries(ways)) {
        for (const one of hidden) assert.equal(reveals(show(holder), one), false, way);
      }
    });
  }

  it('would be seen to show it', () => {
    for (const [way, show] of Object.entries(ways)) {
      const seen = [{ text: TEXT, toString: undefined }, { bytes }, [TEXT]].some(
        (bare) => attempt(() => String(reveals(show(bare), bytes))) === 'true',
      );
      assert.equal(seen, true, way);
    }
  });

  it('is a key object of Node otherwise, which shows nothing either', () => {
    const key = createSecretKey(bytes);
    for (const [way, show] of Object.entries(ways)) assert.equal(reveals(show({ key }), bytes), false, way);
  });
});
