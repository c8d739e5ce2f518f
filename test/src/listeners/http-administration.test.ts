import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { KmipError } from '../../../src/errors.ts';
import { TestHttp } from '../../support/http.ts';
import { materialOf, newObject } from '../../support/sealed.ts';

const json = { 'content-type': 'application/json' };

describe('listeners/http: administration', () => {
  let http: TestHttp;
  beforeEach(async () => {
    http = await TestHttp.start();
    http.control.state = 'unsealed';
  });
  afterEach(() => http.close());

  const audited = () =>
    http.audited.map(({ kind, operation, who, object, result, reason }) =>
      [kind, operation, who, object, result, reason].filter((value) => value !== undefined).join(' '),
    );

  describe('access', () => {
    beforeEach(async () => {
      const after = { ...newObject('a/b?c'), grants: [{ userid: 'bob', permissions: ['Get'] }] };
      await http.records.commit({ puts: [{ after, material: materialOf('a/b?c') }] });
    });

    const list = () => http.administrate({ method: 'GET', path: `/access?object=${encodeURIComponent('a/b?c')}` });
    const change = (what: string, body: object) =>
      http.administrate({ path: `/access/${what}`, headers: json, body: JSON.stringify(body) });

    it('is listed, granted and revoked by the administrator, and written to the audit', async () => {
      assert.deepEqual((await list()).json, {
        object: 'a/b?c',
        owner: 'alice',
        grants: [{ user: 'bob', permissions: ['Get'] }],
      });
      const granted = await change('grant', { object: 'a/b?c', user: 'group:ops', permissions: ['Locate', 'Encrypt'] });
      assert.equal(granted.status, 200);
      assert.deepEqual(granted.json['grants'], [
        { user: 'bob', permissions: ['Get'] },
        { user: 'group:ops', permissions: ['Encrypt', 'Locate'] },
      ]);
      await change('revoke', { object: 'a/b?c', user: 'group:ops', permissions: ['Locate'] });
      const revoked = await change('revoke', { object: 'a/b?c', user: 'bob' });
      assert.deepEqual(revoked.json['grants'], [{ user: 'group:ops', permissions: ['Encrypt'] }]);
      assert.deepEqual((await list()).json, revoked.json);
      assert.deepEqual(audited().slice(2, 4), [
        'attempt Grant access administrator a/b?c',
        'outcome Grant access administrator a/b?c success',
      ]);
    });

    it('is refused to others, of what is not there, for nobody and nothing, and while the node is sealed', async () => {
      const path = `/access?object=${encodeURIComponent('a/b?c')}`;
      assert.equal((await http.ask({ path })).status, 401);
      const gone = await http.administrate({ method: 'GET', path: '/access?object=gone' });
      assert.deepEqual([gone.status, gone.json['detail']], [404, 'there is no object gone']);
      for (const wrong of [{ user: ' ' }, { permissions: ['Gett'] }, { permissions: [] }, { user: 1 }, { more: 1 }]) {
        const body = { object: 'a/b?c', user: 'eve', permissions: ['Get'], ...wrong };
        assert.equal((await change('grant', body)).status, 400, JSON.stringify(wrong));
      }
      http.control.state = 'sealed';
      assert.equal((await list()).status, 503);
      http.control.state = 'unsealed';
      assert.deepEqual((await list()).json['grants'], [{ user: 'bob', permissions: ['Get'] }]);
    });
  });

  describe('the administrator token', () => {
    it('is replaced with shares alone, one after the other, by the nonce', async () => {
      http.control.state = 'sealed';
      const first = await http.ask({ method: 'POST', path: '/admin-token', body: 'share-1' });
      assert.deepEqual([first.status, first.json['completed']], [200, undefined]);
      const last = await http.ask({ method: 'POST', path: '/admin-token?nonce=n1', body: 'no share\nshare-2' });
      assert.equal(last.status, 400);
      assert.deepEqual(last.json['completed'], { kind: 'admin-token', shares: [], adminToken: 'the-next-token' });
      assert.deepEqual(http.control.calls, [
        ['submit', 'share-1', { nonce: 'n1' }],
        ['submit', 'no share', 'share-2', { nonce: 'n1' }],
      ]);
      assert.ok(!JSON.stringify(http.audited).includes('the-next-token'));
      assert.deepEqual(audited(), [
        'attempt Replace administrator token',
        'outcome Replace administrator token success',
        'attempt Replace administrator token n1',
        'outcome Replace administrator token n1 failed malformed',
      ]);
    });

    it('that is given must be the right one here, too', async () => {
      const headers = { authorization: 'KMS wrong' };
      const { status } = await http.ask({ method: 'POST', path: '/admin-token', headers, body: 'share-1' });
      assert.equal(status, 401);
      assert.deepEqual(http.control.calls, []);
    });
  });

  describe('a backup', () => {
    const MEBIBYTE = 1024 * 1024;

    /** Asks for a backup with the administrator token. */
    async function begun(of = http): Promise<IncomingMessage> {
      const headers = { authorization: 'KMS the-administrator-token' };
      const where = { host: '127.0.0.1', port: of.port, ca: of.ca, agent: false };
      const asking = request({ ...where, method: 'POST', path: '/backup', headers }).end();
      const [answer] = (await once(asking, 'response')) as [IncomingMessage];
      return answer;
    }

    it('comes as its bytes, and after the last of them with what it is of', async () => {
      http.backup = async function* () {
        yield Buffer.from('one ');
        yield Buffer.from('two');
        return { objects: 2 };
      };
      const answer = await begun();
      assert.equal(answer.statusCode, 200);
      assert.equal(answer.headers['content-type'], 'application/octet-stream');
      assert.equal(Buffer.concat(await answer.toArray()).toString(), 'one two');
      assert.deepEqual(JSON.parse(String(answer.trailers['kleis-summary'])), { objects: 2 });
      assert.deepEqual(audited(), ['attempt Backup administrator', 'outcome Backup administrator success']);
    });

    it('is made no faster than the client takes it, and no further once the client is gone', async () => {
      let made = 0;
      const ended = Promise.withResolvers<void>();
      http.backup = async function* () {
        try {
          for (;;) {
            made += 1;
            yield Buffer.alloc(MEBIBYTE);
          }
        } finally {
          ended.resolve();
        }
      };
      const answer = await begun();
      for (let before = -1; before !== made; await sleep(200)) before = made;
      // The buffers of both ends of the connection, and what is at hand.
      assert.ok(made < 64, `${made} MiB were made for a client that takes nothing`);
      answer.destroy();
      await ended.promise;
      while (audited().length < 2) await sleep(5);
      assert.deepEqual(audited(), ['attempt Backup administrator', 'outcome Backup administrator failed']);
    });

    it('is broken off where the node ends, and the audit has it by then', async () => {
      const another = await TestHttp.start();
      another.control.state = 'unsealed';
      another.backup = async function* () {
        for (;;) yield Buffer.alloc(MEBIBYTE);
      };
      const answer = await begun(another);
      const broken = assert.rejects(answer.toArray());
      await another.close();
      assert.deepEqual(another.audited.at(-1)?.result, 'failed');
      await broken;
    });

    it('that cannot be begun is a problem', async () => {
      // biome-ignore lint/correctness/useYield: it fails before
      http.backup = async function* () {
        throw new KmipError('store-unavailable', 'the database does not answer');
      };
      const { status, json: problem } = await http.administrate({ path: '/backup' });
      assert.deepEqual([status, problem['detail']], [503, 'the database does not answer']);
      assert.deepEqual(audited().at(-1), 'outcome Backup administrator failed store-unavailable');
    });

    it('that fails on the way is not taken for a whole one', async () => {
      http.backup = async function* () {
        yield Buffer.from('one');
        throw new KmipError('store-unavailable', 'the database is gone');
      };
      const answer = await begun();
      await assert.rejects(answer.toArray());
      assert.equal(answer.complete, false);
      assert.deepEqual(audited().at(-1), 'outcome Backup administrator failed store-unavailable');
      assert.match(String(http.log.lines.at(-1)?.fields['err']), /the database is gone/);
    });

    it('is for the administrator of an unsealed node', async () => {
      assert.equal((await http.ask({ method: 'POST', path: '/backup' })).status, 401);
      http.control.state = 'sealed';
      assert.equal((await http.administrate({ path: '/backup' })).status, 503);
    });
  });
});
