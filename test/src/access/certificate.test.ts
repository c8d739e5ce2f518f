import 'reflect-metadata';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { CertificateAuthenticator, type CertificateField } from '../../../src/access/certificate.ts';
import { KmipError } from '../../../src/errors.ts';

/** What a certificate says of its subject: parts of the name, in order, and alternative names. */
interface Wanted {
  subject: x509.X509CertificateCreateParamsName;
  san?: x509.JsonGeneralNames;
}

describe('access/certificate', () => {
  let keys: CryptoKeyPair;
  before(async () => {
    keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  });

  /** A certificate without any extension but the alternative names asked for. */
  async function certificateOf({ subject, san }: Wanted): Promise<X509Certificate> {
    const made = await x509.X509CertificateGenerator.create({
      subject,
      issuer: 'CN=Test CA',
      publicKey: keys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: san === undefined ? [] : [new x509.SubjectAlternativeNameExtension(san)],
    });
    return new X509Certificate(Buffer.from(made.rawData));
  }

  async function nameIn(wanted: Wanted, ...fields: CertificateField[]): Promise<string> {
    const certificate = await certificateOf(wanted);
    const { name, groups } = await new CertificateAuthenticator(fields).authenticate({ certificate });
    assert.deepEqual(groups, []);
    return name;
  }

  async function refuses(wanted: Wanted, ...fields: CertificateField[]): Promise<void> {
    const isRefusal = (error: unknown): boolean => error instanceof KmipError && error.error === 'not-authenticated';
    await assert.rejects(nameIn(wanted, ...fields), isRefusal);
  }

  /** The attribute type userid (RFC 4519, 2.39). */
  const UID = '0.9.2342.19200300.100.1.1';
  const full: Wanted = {
    subject: [{ C: ['DE'] }, { OU: ['storage'] }, { CN: ['array 7'] }, { [UID]: ['u1'] }, { E: ['cn@example.com'] }],
    san: [
      { type: 'dns', value: 'a7.example.com' },
      { type: 'email', value: 'a7@example.com' },
      { type: 'email', value: 'second@example.com' },
      { type: 'url', value: 'spiffe://example.com/a7' },
    ],
  };
  const named: Record<CertificateField, string> = {
    'san-email': 'a7@example.com',
    'san-dns': 'a7.example.com',
    'san-uri': 'spiffe://example.com/a7',
    cn: 'array 7',
    email: 'cn@example.com',
    uid: 'u1',
    ou: 'storage',
    subject: 'emailAddress=cn@example.com,UID=u1,CN=array 7,OU=storage,C=DE',
  };
  for (const [field, name] of Object.entries(named)) {
    it(`19: finds the user in ${field}`, async () => {
      assert.equal(await nameIn(full, field as CertificateField), name);
    });
  }

  it('19: takes the first field that the certificate has', async () => {
    assert.equal(await nameIn({ subject: 'CN=alice' }, 'san-email', 'cn'), 'alice');
    assert.equal(await nameIn(full, 'san-email', 'cn'), 'a7@example.com');
  });

  it('19: accepts a certificate without extended key usage and subject alternative name', async () => {
    assert.equal(await nameIn({ subject: 'CN=plain' }, 'cn'), 'plain');
  });

  it('takes the most specific of several common names', async () => {
    assert.equal(await nameIn({ subject: [{ CN: ['Users'] }, { CN: ['alice'] }] }, 'cn'), 'alice');
  });

  it('keeps the parts of a multi-valued name apart', async () => {
    const subject = [{ O: ['x, CN=admin'] }, { CN: ['eve + UID=admin'], [UID]: ['eve'] }];
    assert.equal(await nameIn({ subject }, 'cn'), 'eve + UID=admin');
    assert.equal(await nameIn({ subject }, 'uid'), 'eve');
    assert.equal(await nameIn({ subject }, 'subject'), 'CN=eve \\+ UID=admin+UID=eve,O=x\\, CN=admin');
  });

  it('is not fooled by a comma or a quote in a subject alternative name', async () => {
    const san = [
      { type: 'dns', value: 'x, email:admin@example.com' },
      { type: 'dns', value: '", email:root@example.com' },
      { type: 'email', value: 'eve@example.com' },
    ] as const;
    assert.equal(await nameIn({ subject: 'CN=x', san: [...san] }, 'san-email'), 'eve@example.com');
    assert.equal(await nameIn({ subject: 'CN=x', san: [...san] }, 'san-dns'), 'x, email:admin@example.com');
  });

  it('keeps letters beyond ASCII as they are, and names that differ by them apart', async () => {
    const admin = { subject: [{ CN: ['Àdmin'] }] };
    assert.equal(await nameIn(admin, 'cn'), 'Àdmin');
    assert.equal(await nameIn({ subject: [{ CN: ['Jürgen 鍵'] }] }, 'cn'), 'Jürgen 鍵');
  });

  for (const name of ['*', 'system', 'group:admins', 'group:', '  ', 'admin\0.evil.example', 'a\nb', '\x7f']) {
    it(`refuses the name ${JSON.stringify(name)}`, async () => {
      await refuses({ subject: [{ CN: [name] }] }, 'cn');
    });
  }

  it('does not pass over a forbidden name to the next field', async () => {
    await refuses({ subject: 'CN=alice', san: [{ type: 'email', value: '*' }] }, 'san-email', 'cn');
  });

  it('refuses a certificate that has none of the fields', async () => {
    await refuses({ subject: 'O=nobody' }, 'san-email', 'cn');
    await refuses({ subject: [] }, 'san-email', 'cn');
  });

  it('refuses a peer without a certificate', () => {
    const authenticator = new CertificateAuthenticator(['cn']);
    assert.throws(() => authenticator.authenticate({ certificate: undefined }), { error: 'not-authenticated' });
  });
});
