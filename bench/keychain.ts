/**
 * The key chain for applications: calls to the root for 2^21 encryptions, and microseconds an operation as a ratio against
 * bare AES-256-GCM of the same data in the same run. The chain is stored in a file, its root is a passphrase.
 *
 *   node bench/keychain.ts [encryptions]
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicRandom } from '../src/crypto/random.ts';
import { KeyChain } from '../src/keychain/key-chain.ts';
import type { Root } from '../src/keychain/root.ts';
import { PassphraseRoot } from '../src/keychain/roots/passphrase.ts';
import type { ChainStore } from '../src/keychain/store.ts';
import { FileStore } from '../src/keychain/stores/file.ts';

const encryptions = Number(process.argv[2] ?? 2 ** 21);
const rounds = 100_000;

let calls = 0;
const passphrase = new PassphraseRoot('a passphrase of a benchmark');
const root: Root = {
  name: passphrase.name,
  wrap: (key, context) => counted(() => passphrase.wrap(key, context)),
  unwrap: (wrapped, context) => counted(() => passphrase.unwrap(wrapped, context)),
};

function counted<T>(task: () => T): T {
  calls += 1;
  return task();
}

const folder = mkdtempSync(join(tmpdir(), 'kleis-keychain-'));
try {
  const { store, counts } = counting(new FileStore(folder));
  const chain = await KeyChain.open({ root, store });
  for (const size of [64, 4096]) await besideBare(chain, Buffer.alloc(size, 1));
  await many(chain, counts);
} finally {
  rmSync(folder, { recursive: true });
}

function counting(files: FileStore): { store: ChainStore; counts: { saves: number } } {
  const counts = { saves: 0 };
  const save = (bytes: Buffer, revision: string | undefined) => {
    counts.saves += 1;
    return files.save(bytes, revision);
  };
  return { store: { load: () => files.load(), save }, counts };
}

/** How many encryptions one call to the root is good for, with a reading process that begins when they are done. */
async function many(chain: KeyChain, counts: { saves: number }): Promise<void> {
  const data = Buffer.alloc(64, 1);
  let last: Buffer = data;
  [calls, counts.saves] = [0, 0];
  const start = performance.now();
  const fresh = await KeyChain.open({ root, store: new FileStore(folder) });
  for (let count = 0; count < encryptions; count += 1) last = await chain.encrypt(data);
  const seconds = (performance.now() - start) / 1000;
  await fresh.decrypt(last);
  const figures = [
    `${encryptions} encryptions (2^${Math.log2(encryptions).toFixed(0)}) of 64 bytes`,
    `${calls} call to the root`,
    `${counts.saves} reservations in the store`,
    `${(encryptions / seconds).toFixed(0)}/s`,
  ];
  report('opening a chain', figures.join(', '));
}

async function besideBare(chain: KeyChain, data: Buffer): Promise<void> {
  const key = createSecretKey(randomBytes(32));
  const encryptBare = () => {
    const nonce = publicRandom(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    return Buffer.concat([nonce, cipher.update(data), cipher.final(), cipher.getAuthTag()]);
  };
  const bytes = encryptBare();
  const decryptBare = () => {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(-16));
    const plaintext = decipher.update(bytes.subarray(12, -16));
    decipher.final();
    return plaintext;
  };
  const bare = { encrypt: await time(encryptBare), decrypt: await time(decryptBare) };
  const encrypted = await Promise.all(Array.from({ length: rounds / 10 }, () => chain.encrypt(data)));
  let next = 0;
  const [one = bytes] = encrypted;
  // More data keys than are remembered, one after the other: each has been forgotten when it comes again.
  const other = () => chain.decrypt(encrypted[next++ % encrypted.length] ?? bytes);
  line(`encrypt ${data.length} bytes`, await time(() => chain.encrypt(data)), bare.encrypt);
  line(`decrypt ${data.length} bytes, key remembered`, await time(() => chain.decrypt(one)), bare.decrypt);
  line(`decrypt ${data.length} bytes, key not remembered`, await time(other), bare.decrypt);
}

/** Microseconds a call: the best of three. */
async function time(task: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const start = performance.now();
    for (let round = 0; round < rounds; round += 1) await task();
    best = Math.min(best, ((performance.now() - start) * 1000) / rounds);
  }
  return best;
}

function line(what: string, own: number, bare: number): void {
  const rate = `${(1e6 / own).toFixed(0)}/s`;
  report(what, `${(own / bare).toFixed(2)} times bare: ${own.toFixed(2)} us, ${rate}; bare: ${bare.toFixed(2)} us`);
}

function report(what: string, figures: string): void {
  console.log(`keychain: ${what.padEnd(38)} ${figures}`);
}
