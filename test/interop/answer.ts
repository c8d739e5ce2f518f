import assert from 'node:assert/strict';
import { Budget } from '../../ttlv/budget.ts';
import { type Item, ItemType } from '../../ttlv/item.ts';
import { decodeItem } from '../../ttlv/reader.ts';
import { ResultStatus } from '../../ttlv/tables/enums.ts';
import { Tag, tagInfo } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { undefinedIn } from '../conformance/in-version.ts';
import { childrenOf, find, walk } from '../conformance/walk.ts';

/** What every client of the field takes for granted in every answer, whatever was asked. */
export function checkAnswer(request: Item, answer: Buffer): void {
  const message = decodeItem(answer, new Budget());
  assert.equal(message.tag, Tag.ResponseMessage);
  const [header, ...items] = childrenOf(message);
  const version = versionOf(request);
  checkHeader(childrenOf(header), request, items.length);
  // PyKMIP asks for Discover Versions in 1.0, and gets its operation back.
  const asked = undefinedIn(version, request);
  assert.deepEqual(
    undefinedIn(version, message).filter((one) => !asked.includes(one)),
    [],
  );
  const [, ...requested] = childrenOf(request);
  items.forEach((item, index) => {
    checkItem(childrenOf(item), childrenOf(requested[index]));
  });
  for (const { item } of walk(message)) {
    // C clients keep identifiers in buffers of 128 bytes.
    if (item.tag === Tag.UniqueIdentifier && item.type === ItemType.TextString) {
      assert.match(item.value, /^[\x20-\x7e]{1,127}$/);
    }
  }
}

/** 14 for a message of KMIP 1.4. */
export function versionOf(message: Item): Version {
  const version = childrenOf(find(childrenOf(childrenOf(message)[0]), Tag.ProtocolVersion));
  return Number(version.map(({ value }) => value).join('')) as Version;
}

function checkHeader(header: readonly Item[], request: Item, count: number): void {
  assert.deepEqual(namesOf(header), ['ProtocolVersion', 'TimeStamp', 'BatchCount']);
  assert.deepEqual(header[0], find(childrenOf(childrenOf(request)[0]), Tag.ProtocolVersion));
  assert.ok(Math.abs(Number(header[1]?.value) - Date.now() / 1000) < 60, 'the Time Stamp is far off');
  assert.equal(header[2]?.value, count);
}

function checkItem(item: readonly Item[], asked: readonly Item[]): void {
  const echoed = asked.filter(({ tag }) => tag === Tag.Operation || tag === Tag.UniqueBatchItemID);
  assert.deepEqual(item.slice(0, echoed.length), echoed);
  const [status, ...rest] = item.slice(echoed.length);
  const expected: Readonly<Record<number, readonly string[]>> = {
    [ResultStatus.Success]: ['ResponsePayload'],
    [ResultStatus.OperationFailed]: ['ResultReason', 'ResultMessage'],
    [ResultStatus.OperationUndone]: [],
  };
  assert.deepEqual(namesOf(rest), expected[Number(status?.value)]);
  const message = find(rest, Tag.ResultMessage);
  // Percona's libkmip copies it to the stack, and reads it where there is none.
  if (message !== undefined) assert.match(String(message.value), /^.{1,200}$/su);
}

/** The names of the tags of items, in order. */
export function namesOf(items: readonly Item[]): string[] {
  return items.map(({ tag }) => tagInfo.get(tag)?.name ?? String(tag));
}
