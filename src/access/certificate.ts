import type { X509Certificate } from 'node:crypto';
import { KmipError } from '../errors.ts';
import type { Authenticator, Peer } from './authenticate.ts';
import type { Principal } from './principal.ts';

/** Reads the values of one part of a certificate, the one to be used first. */
type Reader = (certificate: X509Certificate) => readonly string[];

const readers = {
  'san-email': (certificate) => alternativeNames(certificate, 'email'),
  'san-dns': (certificate) => alternativeNames(certificate, 'DNS'),
  'san-uri': (certificate) => alternativeNames(certificate, 'URI'),
  cn: (certificate) => subjectValues(certificate, 'CN'),
  email: (certificate) => subjectValues(certificate, 'emailAddress'),
  uid: (certificate) => subjectValues(certificate, 'UID'),
  ou: (certificate) => subjectValues(certificate, 'OU'),
  subject: (certificate) => [distinguishedName(certificate.subject)],
} satisfies Readonly<Record<string, Reader>>;

/** A part of a certificate that can name its user. */
export type CertificateField = keyof typeof readers;

/**
 * Takes the principal from the client's TLS certificate: the first of `fields` that the certificate has. Credentials of
 * the request are ignored: whoever handles their kind has looked at them before.
 */
export class CertificateAuthenticator implements Authenticator {
  readonly #fields: readonly CertificateField[];
  /** A connection has one certificate and many requests. */
  readonly #principals = new WeakMap<X509Certificate, Principal>();

  constructor(fields: readonly CertificateField[]) {
    this.#fields = fields;
  }

  authenticate({ certificate }: Pick<Peer, 'certificate'>): Principal {
    if (certificate === undefined) throw new KmipError('not-authenticated', 'a client certificate is required');
    return this.#principals.get(certificate) ?? this.#read(certificate);
  }

  #read(certificate: X509Certificate): Principal {
    const principal = { name: this.#name(certificate), groups: [] };
    this.#principals.set(certificate, principal);
    return principal;
  }

  #name(certificate: X509Certificate): string {
    for (const field of this.#fields) {
      const [name] = readers[field](certificate);
      if (name !== undefined && name !== '') return allowed(name);
    }
    throw new KmipError('not-authenticated', `the client certificate names no user (${this.#fields.join(', ')})`);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no name may hold
const forbidden = /^(?:\*|group:.*|system|\s*)$|[\x00-\x1f\x7f]/s;

/**
 * Names that grants use for others than a user, the one under which the server itself does timed work, and names that logs and
 * databases would show as another one.
 */
function allowed(name: string): string {
  if (forbidden.test(name)) throw new KmipError('not-authenticated', 'no user can have the name in the certificate');
  return name;
}

/**
 * The values of an attribute of the subject, the last one first: distinguished names go from the general to the
 * specific. (`CN=Users, CN=alice` is alice.)
 */
function subjectValues(certificate: X509Certificate, attribute: string): readonly string[] {
  const subject: Readonly<Record<string, unknown>> = { ...certificate.toLegacyObject().subject };
  const values = subject[attribute];
  return [values]
    .flat()
    .filter((value) => typeof value === 'string')
    .reverse();
}

/** `TYPE:value, TYPE:"value"`: Node quotes a value, as JSON, as soon as it could be mistaken for several. */
const alternativeName = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/g;

function alternativeNames(certificate: X509Certificate, type: string): readonly string[] {
  const found = (certificate.subjectAltName ?? '').matchAll(alternativeName);
  return [...found].filter(([, kind]) => kind === type).map(([, , value = '']) => unquoted(value));
}

function unquoted(value: string): string {
  return value.startsWith('"') ? String(JSON.parse(value)) : value;
}

/** RFC 4514: the specific part first. Node gives a line for each part, its values escaped. */
function distinguishedName(subject: string | undefined): string {
  return (subject ?? '').split('\n').reverse().join(',').replaceAll(' + ', '+');
}
