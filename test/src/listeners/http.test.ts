import assert from 'node:assert/strict';
import { KmipError } from '../../../src/errors.ts';
import { TestHttp } from '../../support/http.ts';

const json = { 'content-type': 'application/json' };
const shares = ['share-1', 'share-2'];

describe('listeners/http', () => {
  let http: TestHttp;
  beforeEach(async () => {
    http = await TestHttp.start();
  });
  afterEach(() => http.close());

  const unseal = (body: string, headers: Record<string, string> = { 'content-type': 'text/plain' }) =>
    http.ask({ method: 'POST', path: '/unseal', headers, body });
  /** `kind operation who result reason` of each entry. */
  const audited = () =>
    http.audited.map(({ kind, operation, who, result, reason }) => [kind, operation, who, result, reason]);

  it('tells everybody how it is, by GET and POST', async () => {
    for (const method of ['GET', 'POST']) {
      const { status, json: body } = await http.ask({ method, path: '/status' });
      assert.equal(status, 200);
      assert.deepEqual(body, { state: 'sealed', seal: 'shamir', cnt: 0, required: 2, reason: '0 of 2 shares' });
    }
    assert.deepEqual(http.audited, []);
  });

  it('tells health checks by the status code whether it is sealed', async () => {
    const status = async (method: string) => (await http.ask({ method, path: '/seal_status' })).status;
    assert.deepEqual([await status('GET'), await status('HEAD'), await status('POST')], [418, 418, 418]);
    http.control.state = 'unsealed';
    assert.deepEqual([await status('GET'), await status('HEAD'), await status('POST')], [200, 200, 200]);
  });

  it('takes shares one at a time, and shows the progress', async () => {
    const first = await unseal('share-1');
    assert.equal(first.status, 200);
    assert.deepEqual(first.json, { cnt: 1, required: 2, state: 'sealed', reason: '1 of 2 shares' });
    const second = await unseal('share-2');
    assert.deepEqual(second.json, { cnt: 0, required: 2, state: 'unsealed' });
    assert.deepEqual(http.control.calls, [
      ['submit', 'share-1'],
      ['submit', 'share-2'],
    ]);
  });

  const forms: readonly [string, string, Record<string, string>][] = [
    ['lines', 'share-1\nshare-2', { 'content-type': 'text/plain' }],
    [
      'lines with blanks, of another system',
      '\r\n  share-1 \r\n\r\n\tshare-2\r\n',
      { 'content-type': 'text/plain; charset=utf-8' },
    ],
    [
      'what curl sends unless it is told',
      'share-1\nshare-2\n',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    ['a body of no type', 'share-1\nshare-2\n', {}],
    ['JSON', JSON.stringify({ shares }), json],
  ];
  for (const [what, body, headers] of forms) {
    it(`takes several shares as ${what}`, async () => {
      assert.equal((await unseal(body, headers)).json['state'], 'unsealed');
      assert.deepEqual(http.control.calls, [['submit', ...shares]]);
    });
  }

  it('takes no share at all for a try', async () => {
    assert.equal((await http.ask({ method: 'POST', path: '/unseal' })).status, 200);
    assert.deepEqual(http.control.calls, [['submit']]);
  });

  it('says which share was not taken, and keeps the others', async () => {
    const { status, json: body } = await unseal('nonsense\nshare-1');
    assert.equal(status, 400);
    assert.deepEqual(body['refused'], [{ position: 0, refusal: 'malformed', message: 'it is no share' }]);
    assert.equal(body['cnt'], 1);
    assert.deepEqual(audited().at(-1), ['outcome', 'Unseal', undefined, 'failed', 'malformed']);
  });

  it('checks a token that comes with shares, and takes none with a false one', async () => {
    for (const authorization of ['KMS nonsense', 'Bearer the-administrator-token', 'KMS']) {
      assert.equal((await unseal('share-1', { authorization })).status, 401);
    }
    assert.deepEqual(http.control.calls, []);
    await http.administrate({ path: '/unseal', body: 'share-1' });
    assert.deepEqual(audited().slice(-2), [
      ['attempt', 'Unseal', 'administrator', undefined, undefined],
      ['outcome', 'Unseal', 'administrator', 'success', undefined],
    ]);
  });

  const administrative: readonly [string, string, unknown][] = [
    ['POST', '/seal', undefined],
    ['POST', '/rekey', { shares: 3, threshold: 2 }],
    ['POST', '/rotate-root', {}],
    ['POST', '/migrate', { to: 'passphrase' }],
    ['POST', '/operations/n1/shares', { shares }],
    ['DELETE', '/operations/n1', undefined],
  ];
  for (const [method, path, payload] of administrative) {
    it(`${method} ${path} needs the administrator token`, async () => {
      const body = payload === undefined ? {} : { body: JSON.stringify(payload), headers: json };
      for (const headers of [{}, { authorization: 'KMS nonsense' }, { authorization: 'the-administrator-token?' }]) {
        const { status, headers: answered } = await http.ask({
          method,
          path,
          ...body,
          headers: { ...body.headers, ...headers },
        });
        assert.equal(status, 401);
        assert.equal(answered['www-authenticate'], 'KMS');
      }
      assert.deepEqual(http.control.calls, []);
      assert.ok(
        audited().every(([kind, , who, result]) => kind === 'outcome' && who === undefined && result === 'denied'),
      );
      const { status = 0 } = await http.administrate({ method, path, ...body });
      assert.ok(status < 300, `${status}`);
      assert.equal(http.control.calls.length, 1);
    });
  }

  it('passes on what the administrator asks for', async () => {
    await http.administrate({ path: '/seal' });
    await http.administrate({
      path: '/seal?all=true',
      body: '',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    await http.administrate({
      path: '/rekey',
      headers: json,
      body: '{"shares":3,"threshold":2,"recipients":["a","b","c"]}',
    });
    await http.administrate({
      path: '/migrate',
      headers: json,
      body: '{"to":"shamir","split":{"shares":1,"threshold":1}}',
    });
    await http.administrate({ path: '/operations/n1/shares', body: 'share-1\n' });
    // Who has lost the answer to the last share.
    await http.administrate({ path: '/operations/n1/shares' });
    await http.administrate({ method: 'DELETE', path: '/operations/n1' });
    assert.deepEqual(http.control.calls, [
      ['seal', { all: false }],
      ['seal', { all: true }],
      ['begin', { kind: 'rekey', split: { shares: 3, threshold: 2, recipients: ['a', 'b', 'c'] } }],
      ['begin', { kind: 'migrate', to: 'shamir', split: { shares: 1, threshold: 1 } }],
      ['submit', 'share-1', { nonce: 'n1' }],
      ['submit', { nonce: 'n1' }],
      ['cancel', 'n1'],
    ]);
  });

  it('writes an attempt before and an outcome after', async () => {
    http.control.failure = new KmipError('store-unavailable', 'the database does not answer');
    const { status, headers, json: body } = await http.administrate({ path: '/seal' });
    assert.equal(status, 503);
    assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.equal(body['type'], 'urn:kleis:error:store-unavailable');
    assert.equal(body['detail'], 'the database does not answer');
    assert.deepEqual(audited(), [
      ['attempt', 'Seal', 'administrator', undefined, undefined],
      ['outcome', 'Seal', 'administrator', 'failed', 'store-unavailable'],
    ]);
    assert.ok(
      http.audited.every(({ from, correlation }) => from === '127.0.0.1' && correlation === body['correlation']),
    );
  });

  it('keeps the text of a bug for its log', async () => {
    http.control.failure = new Error('/secret/path');
    const { status, text, json: body } = await http.administrate({ path: '/seal' });
    assert.equal(status, 500);
    assert.ok(!text.includes('/secret/path'));
    const [line] = http.log.lines;
    assert.equal(line?.fields['correlation'], body['correlation']);
    assert.equal(line?.fields['err'], http.control.failure);
  });

  const wrong: readonly [string, string, string, number][] = [
    ['broken JSON', '/unseal', '{"shares": ["share-secret"', 400],
    ['JSON that is no object', '/unseal', '["share-secret"]', 400],
    ['a field that is not known', '/unseal', '{"share-secret": 1}', 400],
    ['shares that are no texts', '/unseal', '{"shares": [{"share-secret": 1}]}', 400],
    ['a number as text', '/rekey', '{"shares": "share-secret", "threshold": 2}', 400],
    ['too many shares', '/rekey', '{"shares": 256, "threshold": 2}', 400],
    ['a missing field', '/rekey', '{"shares": 3}', 400],
    ['a value that is none of the list', '/migrate', '{"to": "share-secret"}', 400],
    ['a switch that is none', '/seal?all=share-secret', '', 400],
    ['a path that is none', '/share-secret', '', 404],
    ['too long a body', '/unseal', `share-secret${' '.repeat(300_000)}`, 413],
  ];
  for (const [what, path, body, expected] of wrong) {
    it(`refuses ${what}, and does not repeat it`, async () => {
      const { status, text, json: problem } = await http.administrate({ path, headers: json, body });
      assert.deepEqual([status, problem['status']], [expected, expected]);
      assert.doesNotMatch(text, /secret/);
      assert.doesNotMatch(JSON.stringify([http.audited, http.log.lines]), /secret/);
      assert.deepEqual(http.control.calls, []);
    });
  }

  it('says which field is missing', async () => {
    for (const [path, body, field] of [
      ['/rekey', '{"shares": 3}', 'threshold'],
      ['/migrate', '{"to": "shamir", "split": {"threshold": 1}}', 'split.shares'],
    ] as const) {
      const { json: problem } = await http.administrate({ path, headers: json, body });
      assert.equal(problem['detail'], `${field} is missing`);
    }
  });

  it('gives up on a peer that fails again and again, but not on others', async () => {
    const attempt = async (from: string) =>
      (await http.ask({ method: 'POST', path: '/unseal', body: 'nonsense', from })).status;
    for (let count = 0; count < 30; count++) assert.equal(await attempt('127.0.0.1'), 400);
    const { status, headers } = await http.administrate({ path: '/seal' });
    assert.equal(status, 429);
    assert.match(String(headers['retry-after']), /^\d+$/);
    const entries = http.audited.length;
    assert.deepEqual(audited().at(-1), ['outcome', 'Seal', undefined, 'denied', 'limit-exceeded']);
    assert.equal(await attempt('127.0.0.1'), 429);
    assert.equal(http.audited.length, entries);
    // Any two can share an allowance by chance, but hardly all.
    const others = await Promise.all(['127.0.0.2', '127.0.0.3', '127.0.0.4'].map(attempt));
    assert.ok(others.includes(400));
    assert.equal((await http.ask({ path: '/status' })).status, 200);
    http.now = 60;
    assert.equal((await http.administrate({ path: '/seal' })).status, 204);
  });

  it('does not count attempts that succeed', async () => {
    for (let count = 0; count < 40; count++) assert.equal((await http.administrate({ path: '/seal' })).status, 204);
  });

  it('answers who asks too often late, but answers', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => http.ask({ path: '/status' })));
    for (let round = 0; round < 4; round++) {
      answers.push(...(await Promise.all(Array.from({ length: 55 }, () => http.ask({ path: '/status' })))));
    }
    assert.ok(answers.every(({ status }) => status === 200));
  });

  it('describes its interface', async () => {
    const { status, json: description } = await http.ask({ path: '/openapi.json' });
    assert.equal(status, 200);
    const paths = description['paths'] as Record<string, Record<string, { security: unknown; requestBody?: unknown }>>;
    assert.deepEqual(Object.keys(paths).sort(), [
      '/access',
      '/access/grant',
      '/access/revoke',
      '/admin-token',
      '/backup',
      '/kmip',
      '/migrate',
      '/operations/{nonce}',
      '/operations/{nonce}/shares',
      '/rekey',
      '/rotate-root',
      '/seal',
      '/seal_status',
      '/status',
      '/unseal',
      '/verify',
    ]);
    assert.deepEqual(paths['/seal']?.['post']?.security, [{ token: [] }]);
    assert.deepEqual(paths['/admin-token']?.['post']?.security, [{}, { token: [] }]);
    assert.deepEqual(paths['/backup']?.['post']?.security, [{ token: [] }]);
    assert.deepEqual(paths['/kmip']?.['post']?.requestBody, {
      required: true,
      content: { 'application/octet-stream': {} },
    });
    assert.deepEqual(paths['/unseal']?.['post']?.requestBody, {
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: { shares: { type: 'array', items: { type: 'string' }, maxItems: 255, default: [] } },
            required: [],
            additionalProperties: false,
          },
        },
        'text/plain': { schema: { type: 'string', description: 'shares, one a line' } },
      },
    });
  });

  it('lets nobody keep its answers', async () => {
    for (const path of ['/status', '/nothing']) {
      assert.equal((await http.ask({ path })).headers['cache-control'], 'no-cache, no-store');
    }
  });
});
