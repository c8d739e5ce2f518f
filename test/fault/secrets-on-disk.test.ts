import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Item } from '../../ttlv/item.ts';
import {
  BlockCipherMode,
  CredentialType,
  CryptographicAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  SecretDataType,
} from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import { Tag } from '../../ttlv/tables/tags.ts';
import {
  attribute,
  batchItem,
  bytes,
  created,
  enumeration,
  integer,
  on,
  outcomeOf,
  protocolVersion,
  structure,
  text,
} from '../support/requests.ts';
import { TestServer } from '../support/server.ts';
import { ttlvBytes } from '../support/ttlv-bytes.ts';

/** Everything that could give a secret away: the bytes, what they look like in text, and their bare digest. */
function formsOf(secret: Buffer): ReadonlyMap<string, Buffer> {
  const forms = new Map<string, Buffer>();
  for (const [name, form] of [
    ['', secret],
    ['SHA-256 ', hash('sha256', secret, 'buffer')],
  ] as const) {
    forms.set(`${name}raw`, form);
    forms.set(`${name}hex`, Buffer.from(form.toString('hex')));
    forms.set(`${name}HEX`, Buffer.from(form.toString('hex').toUpperCase()));
    // The middle of each of the three alignments that the bytes can have in a longer base64 text.
    for (const start of [0, 1, 2]) {
      const whole = form.subarray(start, start + Math.floor((form.length - start) / 3) * 3);
      forms.set(`${name}base64+${start}`, Buffer.from(whole.toString('base64')));
      forms.set(`${name}base64url+${start}`, Buffer.from(whole.toString('base64url')));
    }
    for (const separator of [',', ', ', ' '])
      forms.set(`${name}numbers"${separator}"`, Buffer.from([...form].join(separator)));
  }
  return forms;
}

function searched(secrets: ReadonlyMap<string, Buffer>, where: string, content: Buffer): string[] {
  return [...secrets].flatMap(([what, secret]) =>
    [...formsOf(secret)].filter(([, form]) => content.includes(form)).map(([form]) => `${what} as ${form} in ${where}`),
  );
}

const keyBlock = (format: number, material: Buffer, ...more: Item[]): Item =>
  structure(
    Tag.KeyBlock,
    enumeration(Tag.KeyFormatType, format),
    structure(Tag.KeyValue, bytes(Tag.KeyMaterial, material)),
    ...more,
  );

const usage = attribute('Cryptographic Usage Mask', (tag) =>
  integer(tag, CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt),
);

function registerKey(material: Buffer): Item {
  return batchItem(
    Operation.Register,
    enumeration(Tag.ObjectType, ObjectType.SymmetricKey),
    structure(
      Tag.TemplateAttribute,
      usage,
      attribute('Activation Date', (tag) => ({ tag, type: 9, value: 1 })),
    ),
    structure(
      Tag.SymmetricKey,
      keyBlock(
        KeyFormatType.Raw,
        material,
        enumeration(Tag.CryptographicAlgorithm, CryptographicAlgorithm.AES),
        integer(Tag.CryptographicLength, material.length * 8),
      ),
    ),
  );
}

function registerPassword(password: Buffer): Item {
  return batchItem(
    Operation.Register,
    enumeration(Tag.ObjectType, ObjectType.SecretData),
    structure(Tag.TemplateAttribute, usage),
    structure(
      Tag.SecretData,
      enumeration(Tag.SecretDataType, SecretDataType.Password),
      keyBlock(KeyFormatType.Opaque, password),
    ),
  );
}

function encrypt(id: string, plaintext: Buffer): Item {
  const parameters = structure(Tag.CryptographicParameters, enumeration(Tag.BlockCipherMode, BlockCipherMode.GCM));
  return on(id, Operation.Encrypt, parameters, bytes(Tag.Data, plaintext));
}

/** A request whose credential and whose key (not one of AES) are refused: what is logged of it? */
function refusedRequest(password: string, material: Buffer): Item {
  const credential = structure(
    Tag.Credential,
    enumeration(Tag.CredentialType, CredentialType.UsernameAndPassword),
    structure(Tag.CredentialValue, text(Tag.Username, 'alice'), text(Tag.Password, password)),
  );
  const header = structure(
    Tag.RequestHeader,
    protocolVersion(1, 4),
    structure(Tag.Authentication, credential),
    integer(Tag.BatchCount, 1),
  );
  return structure(Tag.RequestMessage, header, registerKey(material));
}

describe('fault/secrets on disk', function () {
  this.timeout(40_000);

  for (const workers of [1, 2]) {
    it(`are in no file and in no log, in no form (${workers} workers)`, async () => {
      const server = await TestServer.start({ workers, env: { KMS_LOG_LEVEL: 'debug' } });
      const secrets = new Map([
        ['the registered key', randomBytes(32)],
        ['the registered password', Buffer.from('Tr0ub4dor&3 is a password')],
        ['the plaintext', randomBytes(40)],
        ['the password of a credential', Buffer.from('hunter2 and its friends')],
        ['the refused key', randomBytes(19)],
      ]);
      const secret = (name: string) => secrets.get(name) ?? assert.fail(name);
      try {
        const client = await server.connect();
        const key = await created(client, registerKey(secret('the registered key')));
        const password = await created(client, registerPassword(secret('the registered password')));
        for (const id of [key, password])
          assert.equal((await outcomeOf(client, on(id, Operation.Get))).result, 'Success');
        assert.equal((await outcomeOf(client, encrypt(key, secret('the plaintext')))).result, 'Success');
        const refused = refusedRequest(secret('the password of a credential').toString(), secret('the refused key'));
        await client.exchange(ttlvBytes(refused));
        await client.exchange(ttlvBytes(registerKey(secret('the refused key'))));

        const found: string[] = [];
        const search = () => {
          for (const entry of readdirSync(join(server.folder, 'var'), { recursive: true, withFileTypes: true })) {
            if (!entry.isFile()) continue;
            found.push(...searched(secrets, entry.name, readFileSync(join(entry.parentPath, entry.name))));
          }
        };
        search();
        await server.end();
        search();
        found.push(...searched(secrets, 'the log', Buffer.from(server.log)));
        assert.deepEqual(found, []);
      } finally {
        await server.stop();
      }
    });
  }

  it('would be found: the search finds each form in a text around it', () => {
    const secret = randomBytes(32);
    const texts = [
      secret.toString('hex'),
      secret.toString('base64'),
      Buffer.concat([Buffer.from('ab'), secret]).toString('base64'),
      [...secret].join(', '),
      hash('sha256', secret),
      hash('sha256', secret, 'base64url'),
    ];
    for (const one of [secret, ...texts.map((text) => Buffer.from(`{"key":"${text}"}`))]) {
      assert.equal(searched(new Map([['it', secret]]), 'text', one).length > 0, true);
    }
  });
});
