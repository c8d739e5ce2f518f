import assert from 'node:assert/strict';
import { Budget } from '../../../ttlv/budget.ts';
import type { Item } from '../../../ttlv/item.ts';
import { decodeItem } from '../../../ttlv/reader.ts';
import { CryptographicAlgorithm, KeyFormatType } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import type { Version } from '../../../ttlv/tables/versions.ts';
import { encodeItem } from '../../../ttlv/writer.ts';
import { childrenOf } from '../../conformance/walk.ts';
import type { Client } from '../../support/client.ts';
import { type Outcome, valueIn } from '../../support/requests.ts';
import { TestServer } from '../../support/server.ts';
import { namesOf } from '../answer.ts';
import { exchange, payloadOf, Session } from '../session.ts';
import { captured, capturedBytes, capturedNames } from './captured.ts';

type Identifiers = Readonly<Record<string, string>>;

/** Replays the captured requests of one client, as one user, and remembers which. */
class Captures {
  client!: Client;
  readonly replayed = new Set<string>();

  /** What came of each item of a request; `ids` stand for the identifiers that it was recorded with. */
  all(name: string, ids: Identifiers = {}): Promise<readonly Outcome[]> {
    return this.send(name, captured(name, ids));
  }

  /** The response payload of a request with one item, which must succeed. */
  async one(name: string, ids: Identifiers = {}): Promise<Item> {
    return payloadOf(first(await this.all(name, ids)));
  }

  /** A request that was changed further. */
  send(name: string, request: Item): Promise<readonly Outcome[]> {
    this.replayed.add(name);
    return exchange(this.client, request);
  }

  /** For what a test asks besides. */
  session(version: Version): Session {
    return new Session(this.client, version);
  }
}

/**
 * The tests of one client's captured requests, against a server of their own: each request decodes and encodes to the
 * same bytes, every answer has the right form, and `tests` replays all of them.
 */
export function describeCaptures(prefix: string, title: string, tests: (captures: Captures) => void): void {
  describe(`interop/captures of ${title}`, () => {
    const names = capturedNames()?.filter((name) => name.startsWith(`${prefix}-`));
    if (names === undefined) {
      it('needs the captured requests of real clients');
      return;
    }
    for (const name of names) {
      it(`${name} decodes and encodes to the same bytes`, () => {
        const bytes = capturedBytes(name);
        assert.deepEqual(encodeItem(decodeItem(bytes, new Budget())), bytes);
      });
    }
    const captures = new Captures();
    let server: TestServer;
    before(async () => {
      server = await TestServer.start();
      captures.client = await server.connect(prefix);
    });
    after(() => server.stop());
    tests(captures);
    it('leaves none out', () => {
      assert.deepEqual([...captures.replayed].sort(), names);
    });
  });
}

export function first(outcomes: readonly Outcome[]): Outcome {
  return outcomes[0] ?? assert.fail('no batch item');
}

/** A symmetric key in Raw form whose Key Value holds Key Material only. */
export function checkKey(payload: Item, length: number): void {
  assert.deepEqual(namesOf(childrenOf(payload)), ['ObjectType', 'UniqueIdentifier', 'SymmetricKey']);
  assert.equal(valueIn(payload, Tag.KeyFormatType), KeyFormatType.Raw);
  assert.equal(valueIn(payload, Tag.CryptographicAlgorithm), CryptographicAlgorithm.AES);
  assert.equal(valueIn(payload, Tag.CryptographicLength), length);
  assert.deepEqual(namesOf(valueIn(payload, Tag.KeyValue) as readonly Item[]), ['KeyMaterial']);
  assert.equal((valueIn(payload, Tag.KeyMaterial) as Buffer).length, length / 8);
}

/** The versions of a Discover Versions answer, in its order. */
export function versionsIn(payload: Item): string[] {
  return childrenOf(payload).map((one) =>
    childrenOf(one)
      .map(({ value }) => value)
      .join('.'),
  );
}
