// Messages on a TLS connection, at the least cost: what both ends of the benchmark share.
import type { TLSSocket } from 'node:tls';

const header = 8;

/**
 * Calls back with each whole TTLV message that arrives. A message that comes in one chunk, as almost all do, is handed
 * on as it is.
 */
export function onMessage(socket: TLSSocket, take: (message: Buffer) => void): void {
  let held: Buffer | undefined;
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    let rest = held === undefined ? chunk : Buffer.concat([held, chunk]);
    while (rest.length >= header) {
      const length = header + rest.readUInt32BE(4);
      if (rest.length < length) break;
      take(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    held = rest.length === 0 ? undefined : rest;
  });
}
