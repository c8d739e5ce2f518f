import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KmipError } from '../../../src/errors.ts';
import type { OperationCodecs } from '../../../src/kmip/message.ts';
import { RequestDecoder, type RequestItem } from '../../../src/kmip/request.ts';
import { dump } from '../../../ttlv/dump.ts';
import { encodeRequest } from '../../support/messages.ts';
import { payloads } from '../../support/payloads.ts';

const folder = join(import.meta.dirname, '../../../../shared/reference/captures');
const decoder = new RequestDecoder(payloads, { bytes: 1 << 20, depth: 32, items: 10_000, batchCount: 100 });

describe('the captured requests of real clients', () => {
  if (!existsSync(folder)) {
    it('are not at hand');
    return;
  }
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.hex'))) {
    it(`${file} becomes typed values and the same bytes again`, () => {
      const bytes = Buffer.from(readFileSync(join(folder, file), 'utf8').replaceAll(/\s/g, ''), 'hex');
      const request = decoder.decode(bytes);
      for (const item of request.items) if (item.request instanceof KmipError) throw item.request;
      // Taken in every version, but a field of 1.3: what is written obeys the version.
      const lines = dump(bytes, { redact: false }).split('\n');
      const expected = lines.filter((line) => request.version >= 13 || !line.includes('OffsetItems'));
      assert.deepEqual(dump(encodeRequest(request), { redact: false }).split('\n'), expected);
      assert.equal(offsetOf(request.items), Number(/OffsetItems Integer (\d+)/.exec(lines.join())?.[1] ?? Number.NaN));
    });
  }
});

function offsetOf(items: readonly RequestItem<OperationCodecs>[]): number {
  const first = items[0]?.request;
  const payload = first instanceof KmipError ? undefined : (first?.payload as { offsetItems?: number } | undefined);
  return payload?.offsetItems ?? Number.NaN;
}
