// Makes a development CA with a server and a client certificate in $KMS_CERTS_DIR, unless they are there already, and
// one for each further client named on the command line. README.md beside this file says what is what.
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { createAuthority, type Issued, issue } from './authority.ts';

const { KMS_CERTS_DIR = 'certs/dev', KMS_HOSTNAME = '127.0.0.1', KMS_KMIP_PORT = '5696' } = process.env;
const folder = resolve(KMS_CERTS_DIR);
const at = (name: string) => join(folder, name);

mkdirSync(folder, { recursive: true });
if (!existsSync(at('ca.pem'))) keep('ca', await createAuthority('Kleis development CA'));
if (!existsSync(at('server.pem')) || !covers(at('server.pem'), KMS_HOSTNAME)) {
  const [dns, ip] = isIP(KMS_HOSTNAME) === 0 ? [[KMS_HOSTNAME], []] : [[], [KMS_HOSTNAME]];
  const names = { dns: unique(['localhost', ...dns]), ip: unique(['127.0.0.1', '::1', ...ip]) };
  keep('server', await issue(authority(), { cn: KMS_HOSTNAME, ...names, usage: ['serverAuth'] }));
}
if (!existsSync(at('client.pem'))) {
  keep('client', await issue(authority(), { cn: 'admin', email: ['admin@kleis.example'], usage: ['clientAuth'] }));
}
for (const cn of process.argv.slice(2)) {
  if (!/^[\w@-][\w.@-]*$/.test(cn)) throw new Error(`${cn}: not a name for a client and its files`);
  if (!existsSync(at(`${cn}.pem`))) keep(cn, await issue(authority(), { cn, usage: ['clientAuth'] }));
}
writeFileSync(at('pykmip.conf'), pykmip());

/** The authority of the folder. A folder may hold somebody's own certificates: then there is nothing to issue. */
function authority(): Issued {
  if (!existsSync(at('ca.key'))) {
    console.error(`${folder}: a certificate is missing or for another host, and there is no ca.key to issue one`);
    process.exit(1);
  }
  return { certificate: readFileSync(at('ca.pem'), 'utf8'), key: readFileSync(at('ca.key'), 'utf8') };
}

function keep(name: string, { certificate, key }: Issued): void {
  writeFileSync(at(`${name}.key`), key, { mode: 0o600 });
  writeFileSync(at(`${name}.pem`), certificate);
}

function covers(path: string, host: string): boolean {
  const certificate = new X509Certificate(readFileSync(path));
  return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

/** PyKMIP reads it with Python's configparser, to which % is special. PROTOCOL_SSLv23 is its name for "the best TLS". */
function pykmip(): string {
  const path = (name: string) => at(name).replaceAll('%', '%%');
  const everywhere = ['0.0.0.0', '::'].includes(KMS_HOSTNAME);
  return `[client]
host=${everywhere ? '127.0.0.1' : KMS_HOSTNAME}
port=${KMS_KMIP_PORT}
keyfile=${path('client.key')}
certfile=${path('client.pem')}
ca_certs=${path('ca.pem')}
cert_reqs=CERT_REQUIRED
ssl_version=PROTOCOL_SSLv23
do_handshake_on_connect=True
suppress_ragged_eofs=True
`;
}
