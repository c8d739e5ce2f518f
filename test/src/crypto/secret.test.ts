import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { format, inspect } from 'node:util';
import { Secret } from '../../../src/crypto/secret.ts';

describe('a secret', () => {
  const bytes = Buffer.from('correct horse battery staple');

  it('is not shown by anything that prints', () => {
    const secret = new Secret(Buffer.from(bytes));
    const error = new Error(`cannot open ${secret}`, { cause: secret });
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: null, showHidden: true }),
      format('%s %o %j', secret, secret, secret),
      inspect(error),
      JSON.stringify(Object.entries(secret)),
      inspect(structuredClone({ secret })),
    ];
    for (const text of shown) {
      for (const encoding of ['utf8', 'hex', 'base64'] as const) assert.ok(!text.includes(bytes.toString(encoding)));
      assert.ok(!text.includes(bytes.join(',')));
    }
  });

  it('gives its bytes to who asks for them by name', () => {
    assert.deepEqual(new Secret(Buffer.from(bytes)).expose(), bytes);
    assert.equal(new Secret(Buffer.from(bytes)).length, bytes.length);
  });

  it('can be wiped, and then gives nothing', () => {
    const held = Buffer.from(bytes);
    const secret = new Secret(held);
    secret.wipe();
    assert.deepEqual(held, Buffer.alloc(bytes.length));
    assert.throws(() => secret.expose(), /wiped/);
  });

  it('is wiped at the end of a block that uses it', () => {
    const held = Buffer.from(bytes);
    {
      using secret = new Secret(held);
      assert.equal(secret.length, bytes.length);
    }
    assert.deepEqual(held, Buffer.alloc(bytes.length));
  });
});
