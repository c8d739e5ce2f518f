import type { Buffer } from 'node:buffer';
import { connect } from 'node:tls';
import { KmipKey, type KmipKeyOptions, TIMEOUT } from './kmip-key.ts';
import { answerFrom } from './kmip-messages.ts';

/** A key on a KMIP server, and how to reach it. */
export interface KmipOptions extends KmipKeyOptions {
  readonly host: string;
  /** 5696 by default. */
  readonly port?: number;
}

/** A key on a KMIP server that is reached by KMIP over TLS, with a connection for each call. */
export class KmipRoot extends KmipKey {
  /** Throws KeyChainError `invalid-option`. */
  constructor(options: KmipOptions) {
    super(options, (request) => exchange(options, request));
  }
}

/** Sends one request over a connection of its own, and gives the answer. */
async function exchange(
  { host, port = 5696, ca, certificate, privateKey }: KmipOptions,
  request: Buffer,
): Promise<Buffer> {
  const socket = connect({ host, port, ca, cert: certificate, key: privateKey, timeout: TIMEOUT });
  socket.once('timeout', () => socket.destroy(new Error('it takes too long')));
  try {
    socket.write(request);
    return await answerFrom(socket);
  } finally {
    socket.destroy();
  }
}
