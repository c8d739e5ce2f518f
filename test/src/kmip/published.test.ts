import assert from 'node:assert/strict';
import { KmipError } from '../../../src/errors.ts';
import { RequestDecoder } from '../../../src/kmip/request.ts';
import { fromProtocolVersion, readProtocolVersion } from '../../../src/kmip/structures/protocol-version.ts';
import { dump } from '../../../ttlv/dump.ts';
import { type Item, ItemType } from '../../../ttlv/item.ts';
import { Operation } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { encodeItem } from '../../../ttlv/writer.ts';
import { itemFromXml, type XmlNode } from '../../../ttlv/xml.ts';
import { casesDirectory, findCases } from '../../conformance/cases.ts';
import { decodeResponse, encodeRequest, encodeResponse } from '../../support/messages.ts';
import { payloads } from '../../support/payloads.ts';

const decoder = new RequestDecoder(payloads, { bytes: 1 << 20, depth: 32, items: 10_000, batchCount: 100 });

/** What the server sends and clients answer. */
const serverToClient: ReadonlySet<number> = new Set([Operation.Notify, Operation.Put]);

describe('the published messages of KMIP 1.0 to 2.1', () => {
  const cases = findCases(casesDirectory());
  if (cases === undefined) {
    it('are not at hand');
    return;
  }
  for (const { directory, name, exchanges } of cases) {
    it(`${directory}/${name} becomes typed values and the same bytes again`, () => {
      for (const { request, answer } of exchanges) {
        checkRequest(request);
        checkAnswer(answer);
      }
    });
  }
});

function checkRequest(request: XmlNode): void {
  const asked = itemFromXml(filled(request));
  const decoded = decoder.decode(encodeItem(asked));
  const failures = decoded.items.flatMap((item) => (item.request instanceof KmipError ? [item] : []));
  if (failures.length === 0) assert.equal(text(encodeRequest(decoded)), text(encodeItem(withoutExtensions(asked))));
  for (const { code, request: error } of failures) {
    const expected = serverToClient.has(code) ? 'not-supported' : undefined;
    if (!(error instanceof KmipError) || error.error !== expected) throw error;
  }
}

function checkAnswer(answer: XmlNode): void {
  const expected = encodeItem(itemFromXml(filled(answer)));
  const version = fromProtocolVersion(readProtocolVersion(expected) ?? { major: 0, minor: 0 });
  assert.ok(version);
  assert.equal(text(encodeResponse(decodeResponse(expected, version), version)), text(expected));
}

function text(bytes: Buffer): string {
  return dump(bytes, { redact: false });
}

/** The message without its extensions, which are read and not kept. */
function withoutExtensions(message: Item): Item {
  if (message.type !== ItemType.Structure) return message;
  const value = message.value
    .filter((item) => item.tag !== Tag.MessageExtension)
    .map((item) => (item.tag === Tag.BatchItem ? withoutExtensions(item) : item));
  return { ...message, value };
}

/** The message with some value in the place of each placeholder. */
function filled(node: XmlNode): XmlNode {
  const { type, value } = node.attrs;
  const attrs = value?.startsWith('$') ? { ...node.attrs, value: sample(type, value) } : node.attrs;
  return { ...node, attrs, children: node.children.map(filled) };
}

function sample(type: string | undefined, value: string): string {
  if (type === 'DateTime') return '2024-05-06T07:08:09+00:00';
  return type === 'ByteString' ? '0123456789' : value;
}
