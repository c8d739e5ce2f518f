import { randomBytes } from 'node:crypto';
import { createAuthority, type Issued, issue } from '../../certs/authority.ts';
import { settingsTable } from '../../src/config/settings.ts';
import { KmipListener, type KmipListenerOptions, type KmipSettings } from '../../src/listeners/kmip.ts';
import type { TlsMaterial } from '../../src/listeners/tls.ts';
import type { Log } from '../../src/log.ts';
import { Client, type ClientOptions } from './client.ts';

/** An authority with a server and a client certificate, made once for all tests of the process. */
export interface Certificates {
  readonly ca: Issued;
  readonly server: Issued;
  readonly alice: Issued;
}

let made: Promise<Certificates> | undefined;

export function certificates(): Promise<Certificates> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificates> {
  const ca = await createAuthority('Test CA', { keys: 'ec' });
  const server = await issue(ca, { cn: 'localhost', dns: ['localhost'], ip: ['127.0.0.1', '::1'], keys: 'ec' });
  return { ca, server, alice: await issue(ca, { cn: 'alice', keys: 'ec' }) };
}

export interface Line {
  readonly level: keyof Log;
  readonly fields: Record<string, unknown>;
  readonly text: string;
}

/** A log that keeps its lines. */
export function memoryLog(): Log & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const at =
    (level: keyof Log) =>
    (fields: unknown, text?: string): void => {
      lines.push({ level, fields: { ...(fields as object) }, text: text ?? '' });
    };
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}

/** A whole message of the given tag whose one item is a Byte String: nothing a server would understand, but framed. */
function message(tag: string, content: Buffer): Buffer {
  const padding = Buffer.alloc((8 - (content.length % 8)) % 8);
  const head = (start: string, length: number): Buffer => {
    const bytes = Buffer.from(`${start}00000000`, 'hex');
    bytes.writeUInt32BE(length, 4);
    return bytes;
  };
  const item = Buffer.concat([head('42000208', content.length), content, padding]);
  return Buffer.concat([head(`${tag}01`, item.length), item]);
}

export const requestOf = (content: string | Buffer): Buffer => message('420078', Buffer.from(content));
export const responseOf = (content: string | Buffer): Buffer => message('42007b', Buffer.from(content));

/** What a message made by `requestOf` or `responseOf` holds. */
export function contentOf(bytes: Buffer): Buffer {
  return bytes.subarray(16, 16 + bytes.readUInt32BE(12));
}

/** A listener on a free port, before a handler that sends back what came, unless another one is given. */
export class TestListener {
  readonly listener: KmipListener;
  readonly certificates: Certificates;
  readonly log = memoryLog();
  /** `result reason` of each report for the audit file. */
  readonly reports: string[] = [];
  readonly ticketKeys = randomBytes(48);
  port = 0;

  private constructor(
    certificates: Certificates,
    settings: Partial<KmipSettings>,
    options: Partial<KmipListenerOptions>,
  ) {
    this.certificates = certificates;
    this.listener = new KmipListener({
      settings: { ...defaults(), ...settings },
      tls: this.material(),
      reusePort: false,
      handle: async (request) => responseOf(contentOf(request)),
      refuse: () => undefined,
      report: async (_, result, reason) => this.reports.push(`${result} ${reason}`) > 0,
      log: this.log,
      ...options,
    });
  }

  static async start(
    settings: Partial<KmipSettings> = {},
    options: Partial<KmipListenerOptions> = {},
  ): Promise<TestListener> {
    const one = new TestListener(await certificates(), settings, options);
    one.port = (await one.listener.listen()).port;
    return one;
  }

  /** Its certificates, with the ticket keys of its start. */
  material(): TlsMaterial {
    const { ca, server } = this.certificates;
    return {
      ca: ca.certificate,
      certificate: server.certificate,
      privateKey: server.key,
      ticketKeys: this.ticketKeys,
    };
  }

  /** A client that is alice, unless told otherwise. */
  connect(options: Partial<ClientOptions> = {}): Promise<Client> {
    const { ca, alice } = this.certificates;
    return Client.connect({ port: this.port, ca: ca.certificate, identity: alice, ...options });
  }

  close(): Promise<void> {
    return this.listener.close();
  }
}

function defaults(): KmipSettings {
  const table = settingsTable;
  return {
    hostname: '127.0.0.1',
    kmipPort: 0,
    authentication: true,
    tlsMinVersion: table.tlsMinVersion.default as 'TLSv1.2',
    tlsCiphers: String(table.tlsCiphers.default),
    tlsLegacyCiphers: false,
    maxMessageBytes: 1_048_576,
    maxConnections: 10_000,
    maxConnectionsPerPeer: 1_000,
    handshakeTimeout: 10,
    messageTimeout: 10,
    idleTimeout: 60,
  };
}
