import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { DerError, DerTag, readDer, writeDer } from '../../../src/crypto/der.ts';
import { readName } from '../../../src/crypto/distinguished-name.ts';
import { checkKey } from '../../../src/crypto/keys.ts';
import { readCertificate } from '../../../src/crypto/x509.ts';
import {
  CertificateType,
  CryptographicAlgorithm,
  DigitalSignatureAlgorithm,
  ObjectType,
} from '../../../ttlv/tables/enums.ts';
import { failsWith } from './fails.ts';
import { openssl } from './openssl.ts';
import { certificate } from './vectors.ts';

const A = CryptographicAlgorithm;
const D = DigitalSignatureAlgorithm;

/** A self-signed certificate of openssl. */
function made(keyAlgorithm: readonly string[], options: readonly string[]): Buffer {
  const key = openssl(['genpkey', ...keyAlgorithm]);
  return openssl(['req', '-x509', '-new', '-key', key, '-days', '1', '-outform', 'DER', ...options]);
}

describe('reading a certificate', () => {
  it('tells what the published case wants to know (TC-CERTATTR-1)', () => {
    const facts = readCertificate(certificate);
    assert.equal(facts.length, 557);
    assert.deepEqual(facts.key, { algorithm: A.RSA, length: 1024 });
    assert.equal(facts.signatureAlgorithm, D.SHA_256WithRSAEncryption);
    assert.equal(facts.serial.der.toString('hex'), '02083132333435363738');
    assert.equal(facts.serial.text, '3132333435363738');
    assert.equal(facts.issuer.text, 'CN=Inter,O=Kmip Test,C=AU');
    assert.equal(facts.subject.text, 'CN=EE,O=Kmip Test,C=AU');
    assert.equal(
      facts.subject.der.toString('hex'),
      '302e310b300906035504061302415531123010060355040a13094b6d69702054657374310b3009060355040313024545',
    );
    assert.equal(
      facts.issuer.der.toString('hex'),
      '3031310b300906035504061302415531123010060355040a13094b6d69702054657374310e300c06035504031305496e746572',
    );
    assert.deepEqual(facts.subject.parts, { C: ['AU'], O: ['Kmip Test'], CN: ['EE'] });
    assert.deepEqual(facts.issuer.parts, { C: ['AU'], O: ['Kmip Test'], CN: ['Inter'] });
    assert.deepEqual(facts.subject.alternativeNames, []);
  });

  it('reads all parts of names, and alternative names', () => {
    const subject =
      '/C=GR/ST=Attica/L=Athens/O=Kleis/OU=Keys/OU=Locks/title=Dr/serialNumber=7/UID=u1/DC=example/dnQualifier=q/CN=Ελένη/emailAddress=e@example.org';
    const alternative =
      'subjectAltName=email:a@example.org,DNS:kms.example.org,IP:192.0.2.7,IP:2001:db8::1,URI:https://x.example/,RID:1.2.3';
    const der = made(
      ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ['-utf8', '-sha384', '-subj', subject, '-addext', alternative],
    );
    const facts = readCertificate(der);
    assert.deepEqual(facts.key, { algorithm: A.EC, length: 256 });
    assert.equal(facts.signatureAlgorithm, D.ECDSAWithSHA384);
    assert.deepEqual(facts.subject.parts, {
      C: ['GR'],
      ST: ['Attica'],
      L: ['Athens'],
      O: ['Kleis'],
      OU: ['Keys', 'Locks'],
      Title: ['Dr'],
      SerialNumber: ['7'],
      UID: ['u1'],
      DC: ['example'],
      DNQualifier: ['q'],
      CN: ['Ελένη'],
      Email: ['e@example.org'],
    });
    assert.deepEqual(facts.subject.alternativeTexts, [
      'a@example.org',
      'kms.example.org',
      '192.0.2.7',
      '2001:db8:0:0:0:0:0:1',
      'https://x.example/',
    ]);
    assert.equal(facts.subject.alternativeNames.length, 6);
    assert.equal(facts.subject.alternativeNames[2]?.toString('hex'), '8704c0000207');
  });

  it('writes names as openssl does by RFC 2253, escapes and all', () => {
    const subject = '/O=Comma, Inc./OU=#hash/L= blank /CN=a\\+b "c"\\\\d<e>f;g';
    const der = made(['-algorithm', 'ED25519'], ['-subj', subject]);
    const expected = openssl(['x509', '-inform', 'DER', '-noout', '-subject', '-nameopt', 'RFC2253'], der).toString();
    const facts = readCertificate(der);
    assert.equal(`subject=${facts.subject.text}`, expected.trimEnd());
    assert.deepEqual(facts.key, { algorithm: A.Ed25519, length: 256 });
    assert.equal(facts.signatureAlgorithm, undefined, 'the standard has no value for Ed25519');
  });

  it('joins the parts of one relative name with a plus', () => {
    const { text, parts } = readCertificate(made(['-algorithm', 'ED25519'], ['-subj', '/CN=one+OU=two'])).subject;
    assert.ok(text === 'CN=one+OU=two' || text === 'OU=two+CN=one', text);
    assert.deepEqual(parts, { CN: ['one'], OU: ['two'] });
  });

  it('shows parts that it has no name for by number (RFC 4514, 2.4)', () => {
    // SEQUENCE { SET { SEQUENCE { 1.2.3.4, UTF8String "odd" } } }
    const name = Buffer.from('300e310c300a06032a03040c036f6464', 'hex');
    assert.equal(readName(readDer(name)).text, '1.2.3.4=#0c036f6464');
  });

  it('takes keys that the standard has no algorithm for', () => {
    const der = made(['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime239v1'], ['-subj', '/CN=odd']);
    assert.equal(readCertificate(der).key, undefined);
    const value = { type: ObjectType.Certificate, certificateType: CertificateType.X_509, certificateValue: der };
    assert.deepEqual(checkKey(value, {}), {});
  });

  it('refuses names and identifiers longer than anybody has, which would cost more than their length', async () => {
    const rdn = (type: Buffer): Buffer => {
      const pair = [writeDer(DerTag.ObjectIdentifier, type), writeDer(DerTag.Utf8String, Buffer.from('a'))];
      return writeDer(DerTag.Set, writeDer(DerTag.Sequence, ...pair));
    };
    const name = (...parts: Buffer[]) => readDer(writeDer(DerTag.Sequence, ...parts));
    const commonName = Buffer.from('550403', 'hex');
    assert.throws(() => readName(name(rdn(Buffer.concat([Buffer.alloc(200, 0xff), Buffer.of(1)])))), DerError);
    assert.throws(() => readName(name(...Array.from({ length: 1_001 }, () => rdn(commonName)))), DerError);
    const alternatives = Array.from({ length: 10_001 }, () => 'DNS:a').join(',');
    const der = made(
      ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
      ['-subj', '/CN=a', '-addext', `subjectAltName=${alternatives}`],
    );
    await failsWith('invalid-field', () => readCertificate(der));
  });

  it('refuses what is no certificate', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('hello'), certificate.subarray(0, -1), certificate.subarray(1)]) {
      await failsWith('invalid-field', () => readCertificate(bytes));
    }
  });
});
