/**
 * Microseconds of CPU for decoding the request and encoding the response of an Encrypt exchange (KMIP 2.1, AES-256-GCM, 64
 * bytes), with the server's own messages:
 *
 *   node bench/codec.ts [rounds]
 */
import { Buffer } from 'node:buffer';
import { argv, cpuUsage, stdout } from 'node:process';
import { RequestDecoder } from '../src/kmip/request.ts';
import { ResponseEncoder } from '../src/kmip/response.ts';
import { operationByCode } from '../src/operations/table.ts';
import { encrypt, request } from './messages.ts';

const limits = { bytes: 8 * 1024 * 1024, depth: 32, items: 100_000, batchCount: 1_000 };
const mostMicroseconds = 6;

const id = '019370e1-3f52-7a57-9d0c-5b1f3a2d4c66';
const payload = {
  uniqueIdentifier: id,
  data: Buffer.alloc(64, 2),
  ivCounterNonce: Buffer.alloc(12, 3),
  authenticatedEncryptionTag: Buffer.alloc(16, 4),
};

const decoder = new RequestDecoder(operationByCode, limits);
const encoder = new ResponseEncoder((error) => {
  throw error;
});

function exchange(message: Buffer): Buffer {
  const { version, items } = decoder.decode(message);
  return encoder.encode({
    version,
    timeStamp: 1_700_000_001,
    items: items.map(({ code, uniqueBatchItemId, request: asked }) => {
      if (asked instanceof Error) throw asked;
      return { code, operation: asked.operation, uniqueBatchItemId, outcome: { status: 'success', payload } };
    }),
    correlation: 'bench',
  });
}

/** CPU rather than wall clock: other programs of a busy machine take no part in it. */
function measure(message: Buffer, rounds: number): number {
  const start = cpuUsage();
  for (let round = 0; round < rounds; round += 1) exchange(message);
  const { user, system } = cpuUsage(start);
  return (user + system) / rounds;
}

const rounds = Number(argv[2] ?? 300_000);
const message = request([encrypt(id)]);
measure(message, rounds / 3);
const best = Math.min(measure(message, rounds), measure(message, rounds), measure(message, rounds));
const sizes = `${message.length} + ${exchange(message).length} bytes`;
const verdict = best <= mostMicroseconds ? 'ok    ' : 'MISSED';
stdout.write(
  `${verdict} codec: decode + encode of an Encrypt exchange (${sizes})  ${best.toFixed(2)} us  at most ${mostMicroseconds} us\n`,
);
