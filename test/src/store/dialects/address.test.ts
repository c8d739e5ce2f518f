import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { AddressError, parseAddress } from '../../../../src/store/dialects/address.ts';
import { mysql, mysqlForm } from '../../../../src/store/dialects/mysql.ts';
import { postgresForm } from '../../../../src/store/dialects/postgres.ts';
import { newFile } from '../../../support/databases.ts';

function file(content: string): string {
  const name = newFile();
  writeFileSync(name, content);
  return name;
}

const postgres = (rest: string, certificate?: string) =>
  parseAddress(`postgresql://${rest}`, postgresForm, certificate);
const maria = (rest: string, certificate?: string) => parseAddress(`mysql://${rest}`, mysqlForm, certificate);

describe('the URL of a database', () => {
  it('has what libpq and the clients of MySQL have in theirs', () => {
    const { tls: _, ...address } = postgres('kms:p%40ss%2Fw@db.example:6543/k%C3%A9ys');
    assert.deepEqual(address, { host: 'db.example', port: 6543, user: 'kms', password: 'p@ss/w', database: 'kéys' });
    assert.equal(postgres('kms:kms@127.0.0.1/kms').port, 5432);
    assert.equal(maria('root:kms@localhost/kms').port, 3306);
    assert.equal(postgres('a@[::1]/b').host, '::1');
    assert.equal(postgres('a@localhost/b?host=/run/postgresql').host, '/run/postgresql');
    assert.equal(maria('a@localhost/b?socket=/run/mysqld/mysqld.sock').host, '/run/mysqld/mysqld.sock');
  });

  it('may have its password in a file', () => {
    assert.equal(postgres(`kms@h/d?password-file=${file('from a file\n')}`).password, 'from a file');
  });

  it('says how the connection is protected; where it does not, what is at hand is used', () => {
    const ca = file('an authority');
    const modes = (rest: string, certificate?: string) => {
      const { mode, options } = postgres(`h/d${rest}`, certificate).tls;
      return [mode, options.rejectUnauthorized, options.checkServerIdentity === undefined];
    };
    assert.deepEqual(modes(''), ['prefer', false, true]);
    assert.deepEqual(modes('?sslmode=disable').slice(0, 1), ['disable']);
    assert.deepEqual(modes('?sslmode=require'), ['require', false, true]);
    assert.deepEqual(modes(`?sslmode=require&sslrootcert=${ca}`), ['require', true, false]);
    assert.deepEqual(modes(`?sslmode=verify-ca&sslrootcert=${ca}`), ['verify-ca', true, false]);
    assert.deepEqual(modes(`?sslmode=verify-full&sslrootcert=${ca}`), ['verify-full', true, true]);
    assert.deepEqual(modes(`?sslrootcert=${ca}`), ['verify-full', true, true]);
    assert.deepEqual(modes('', file('certificate and key')), ['require', false, true]);
    assert.equal(maria(`h/d?ssl-mode=VERIFY_IDENTITY&ssl-ca=${ca}`).tls.mode, 'verify-full');
    assert.equal(postgres('/d?host=/run/postgresql').tls.mode, 'disable');
  });

  it('brings a client certificate, its own or that of the setting', () => {
    const [certificate, key, both] = [file('certificate'), file('key'), file('certificate and key')];
    const given = postgres(`h/d?sslcert=${certificate}&sslkey=${key}`, both).tls.options;
    assert.deepEqual([given.cert, given.key], ['certificate', 'key']);
    const fromSetting = maria('h/d', both).tls.options;
    assert.deepEqual([fromSetting.cert, fromSetting.key], ['certificate and key', 'certificate and key']);
  });

  it('is refused in words that do not repeat it', () => {
    for (const [url, reason] of [
      ['no url, secret', /begin with postgresql:/],
      ['https://kms:secret@h/d', /begin with postgresql:/],
      ['postgresql://kms:secret@h', /host and a database/],
      ['postgresql://kms:secret@h/d?sslmode=verify', /sslmode must be one of disable, .*not "verify"/],
      ['postgresql://kms:secret@h/d?ssl=true', /unknown parameter ssl/],
      ['postgresql://kms:%E0%A4%secret@h/d', /percent/],
      ['postgresql://kms:secret@h/d?sslrootcert=/nonexistent', /cannot be read.*\/nonexistent/],
    ] as const) {
      assert.throws(
        () => parseAddress(url, postgresForm, undefined),
        (error: Error) =>
          error instanceof AddressError && reason.test(error.message) && !error.message.includes('secret'),
        url,
      );
    }
    assert.throws(() => mysql('mysql://a@127.0.0.1/b?ssl-mode=VERIFY_IDENTITY'), /the host by name/);
  });
});
