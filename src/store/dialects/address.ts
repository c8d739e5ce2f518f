import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** The URL of a database, or a file that it names, cannot be used; the message says why, and holds no password. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/**
 * How a connection is protected, as libpq's `sslmode` has it: `prefer` is TLS where the server has it, `require` always,
 * both without a look at its certificate; `verify-ca` wants one of a known authority, `verify-full` one of the host.
 */
type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** What `tls.connect` is told. `servername` is absent where the host is an address. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly checkServerIdentity?: () => undefined;
}

/** Where a database is, and who asks. */
export interface Address {
  /** A name, an IP address, or the path of a socket (MySQL) or of its folder (PostgreSQL). */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: { readonly mode: TlsMode; readonly options: TlsOptions };
}

/** What the URLs of a kind of database look like. */
export interface AddressForm {
  readonly schemes: readonly string[];
  readonly port: number;
  /** Names of parameters of the URL. */
  readonly parameters: {
    readonly socket: string;
    readonly mode: string;
    readonly ca: string;
    readonly certificate: string;
    readonly key: string;
  };
  readonly modes: Readonly<Record<string, TlsMode>>;
}

/** The file with the password, for a URL without one: a further parameter of every form. */
const passwordFile = 'password-file';

/**
 * Reads a URL and the files that it names. `clientCertificate` is a PEM file of certificate and key, for a URL that names
 * none. Throws AddressError.
 */
export function parseAddress(text: string, form: AddressForm, clientCertificate: string | undefined): Address {
  const [scheme = ''] = form.schemes;
  if (!URL.canParse(text)) throw new AddressError(`the database's URL is none: it must begin with ${scheme}://`);
  const url = new URL(text);
  if (!form.schemes.includes(url.protocol.slice(0, -1))) {
    throw new AddressError(`the database's URL must begin with ${scheme}://`);
  }
  const { parameters } = form;
  for (const name of url.searchParams.keys()) {
    if (![...Object.values(parameters), passwordFile].includes(name)) {
      throw new AddressError(`the database's URL has an unknown parameter ${name}`);
    }
  }
  const host = url.searchParams.get(parameters.socket) ?? url.hostname.replace(/^\[|\]$/g, '');
  const database = decoded(url.pathname.slice(1));
  if (host === '' || database === '') throw new AddressError("the database's URL must name a host and a database");
  return {
    host,
    port: url.port === '' ? form.port : Number(url.port),
    user: decoded(url.username),
    password: passwordOf(url),
    database,
    tls: tlsOf(url.searchParams, form, { host, clientCertificate }),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new AddressError("a percent sign in the database's URL must be written %25");
  }
}

function passwordOf({ password, searchParams }: URL): string {
  const file = searchParams.get(passwordFile);
  return file === null ? decoded(password) : read(file).replace(/\r?\n$/, '');
}

interface Peer {
  readonly host: string;
  readonly clientCertificate: string | undefined;
}

function tlsOf(given: URLSearchParams, { parameters, modes }: AddressForm, peer: Peer): Address['tls'] {
  const ca = given.get(parameters.ca) ?? undefined;
  const certificate = given.get(parameters.certificate) ?? peer.clientCertificate;
  const key = given.get(parameters.key) ?? certificate;
  const named = given.get(parameters.mode);
  const mode = named === null ? impliedMode(ca, certificate) : modes[named];
  if (mode === undefined) {
    throw new AddressError(`${parameters.mode} must be one of ${Object.keys(modes).join(', ')}, not "${named}"`);
  }
  // A socket of the machine has no TLS.
  if (peer.host.startsWith('/') || mode === 'disable')
    return { mode: 'disable', options: { rejectUnauthorized: true } };
  const files = {
    ...(ca !== undefined && { ca: read(ca) }),
    ...(certificate !== undefined && key !== undefined && { cert: read(certificate), key: read(key) }),
  };
  return { mode, options: { ...files, ...checks(mode, ca !== undefined), ...serverName(peer.host) } };
}

/**
 * Connects as the address wants it: without TLS after a server that should have it has said that it does not.
 * Throws what `open` throws.
 */
export async function connectTo<T>(
  { tls }: Address,
  open: (options: TlsOptions | undefined) => Promise<T>,
  lacksTls: (error: unknown) => boolean,
): Promise<T> {
  if (tls.mode === 'disable') return open(undefined);
  try {
    return await open(tls.options);
  } catch (error) {
    if (tls.mode !== 'prefer' || !lacksTls(error)) throw error;
    return open(undefined);
  }
}

/** Who gives certificates wants them used. */
function impliedMode(ca: string | undefined, certificate: string | undefined): TlsMode {
  if (ca !== undefined) return 'verify-full';
  return certificate === undefined ? 'prefer' : 'require';
}

function checks(mode: TlsMode, hasCa: boolean): TlsOptions {
  if (mode === 'verify-full') return { rejectUnauthorized: true };
  // libpq: `require` beside an authority is `verify-ca`.
  const verifies = mode === 'verify-ca' || (mode === 'require' && hasCa);
  return verifies ? { rejectUnauthorized: true, checkServerIdentity: () => undefined } : { rejectUnauthorized: false };
}

function serverName(host: string): Pick<TlsOptions, 'servername'> {
  return isIP(host) === 0 ? { servername: host } : {};
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AddressError(`a file for the connection to the database cannot be read: ${(error as Error).message}`);
  }
}
