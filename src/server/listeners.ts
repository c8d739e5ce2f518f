import type { Authenticator } from '../access/authenticate.ts';
import type { Settings } from '../config/settings.ts';
import type { KmipExchange } from '../listeners/exchange.ts';
import type { HttpListener } from '../listeners/http.ts';
import type { KmipListener, KmipListenerOptions } from '../listeners/kmip.ts';
import type { TlsMaterial } from '../listeners/tls.ts';
import type { SealControl } from '../seal/control.ts';
import type { Records } from '../seal/records.ts';
import type { RecordsBase } from './records.ts';
import { openTools } from './tools.ts';

export interface ListenerParts extends RecordsBase {
  readonly records: Records;
  readonly control: SealControl;
  readonly ticketKeys: Buffer;
}

/** What clients of a node connect to, all at once. */
export class Listeners {
  readonly #listeners: readonly (KmipListener | HttpListener)[];

  constructor(...listeners: readonly (KmipListener | HttpListener)[]) {
    this.#listeners = listeners;
  }

  async listen(): Promise<void> {
    for (const listener of this.#listeners) await listener.listen();
  }

  setTicketKeys(keys: Buffer): void {
    for (const listener of this.#listeners) listener.setTicketKeys(keys);
  }

  reload(material: TlsMaterial): void {
    for (const listener of this.#listeners) listener.reload(material);
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}

/** The listeners of both protocols, which do not listen yet. */
export async function openListeners(parts: ListenerParts): Promise<Listeners> {
  const exchange = await openExchange(parts);
  return new Listeners(...(await Promise.all([openKmipListener(parts, exchange), openHttpListener(parts, exchange)])));
}

async function openHttpListener(parts: ListenerParts, exchange: KmipExchange): Promise<HttpListener> {
  const { settings, audit } = parts;
  const [{ HttpListener }, { AdminDispatcher }, tools, common] = await Promise.all([
    import('../listeners/http.ts'),
    import('../operations/admin/dispatch.ts'),
    openTools(parts),
    listenerOptions(parts, exchange),
  ]);
  const dispatcher = new AdminDispatcher({ tools, audit, now: () => performance.now() / 1000 });
  return new HttpListener({ ...common, settings, dispatcher });
}

async function openKmipListener(parts: ListenerParts, exchange: KmipExchange): Promise<KmipListener> {
  const [{ KmipListener }, common] = await Promise.all([
    import('../listeners/kmip.ts'),
    listenerOptions(parts, exchange),
  ]);
  return new KmipListener({ ...common, refuse: (error) => exchange.refuse(error) });
}

/** What the listeners have in common: one exchange answers the KMIP messages of both. */
async function listenerOptions(
  { settings, log, audit, ticketKeys }: ListenerParts,
  exchange: KmipExchange,
): Promise<Omit<KmipListenerOptions, 'refuse'>> {
  const [{ subjectOf }, { readTlsMaterial }] = await Promise.all([
    import('../listeners/handshakes.ts'),
    import('../listeners/tls.ts'),
  ]);
  return {
    settings,
    tls: readTlsMaterial(settings, ticketKeys),
    reusePort: settings.workers > 1,
    handle: (message, peer) => exchange.answer(message, peer),
    report: (peer, result, reason) => {
      const who = subjectOf(peer);
      audit.append({ kind: 'connection', who, from: peer.address, operation: 'Connect', result, reason });
      return audit.accepted().then(
        () => true,
        () => false,
      );
    },
    log,
  };
}

async function openExchange({ settings, state, audit, log, records }: ListenerParts): Promise<KmipExchange> {
  const [{ KmipExchange }, { Dispatcher }, { operationByCode }, authenticator] = await Promise.all([
    import('../listeners/exchange.ts'),
    import('../operations/dispatch.ts'),
    import('../operations/table.ts'),
    openAuthenticator(settings),
  ]);
  const clock = () => Math.floor(Date.now() / 1000);
  const dispatcher = new Dispatcher({ records, settings, audit, refusal: () => state.refusal, clock });
  state.onSeal(() => dispatcher.streams.clear());
  return new KmipExchange({
    operations: operationByCode,
    limits: {
      bytes: settings.maxMessageBytes,
      depth: settings.maxMessageDepth,
      items: settings.maxMessageItems,
      batchCount: settings.maxBatchCount,
    },
    authenticator,
    dispatcher,
    log,
    clock,
  });
}

/** Who asks: told by the client's certificate; the one user `admin` where authentication is off. */
async function openAuthenticator({ authentication, userFrom }: Settings): Promise<Authenticator> {
  if (!authentication) return { authenticate: async () => ({ name: 'admin', groups: [] }) };
  const { CertificateAuthenticator } = await import('../access/certificate.ts');
  return new CertificateAuthenticator(userFrom);
}
