import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestServer } from '../../support/server.ts';
import type { Dialogue } from '../../support/terminal.ts';

const describeWithTerminals = process.platform === 'win32' ? describe.skip : describe;

describeWithTerminals('commands at a terminal', function () {
  this.timeout(60_000);
  let server: TestServer;

  afterEach(() => server.stop());

  it('ask for shares and token, and show nothing of what is typed', async () => {
    server = await TestServer.start({ init: ['--seal', 'shamir', '--shares', '3', '--threshold', '2', '--json'] });
    const { shares, admin_token: token } = JSON.parse(server.initialised);
    const dialogue: Dialogue = [
      ['Share (', shares[0]],
      ['Share (', `${shares[0].slice(0, -1)}*\u007f${shares[0].slice(-1)}`],
      ['Share (', shares[2]],
    ];
    const unsealed = await server.atTerminal(dialogue, 'unseal');
    assert.equal(unsealed.code, 0, unsealed.shown);
    assert.match(unsealed.shown, /"cnt":1,"required":2(.|\s)*it was given already(.|\s)*The node is unsealed/);
    assert.doesNotMatch(unsealed.shown, /KLEIS1/);

    const sealed = await server.atTerminal([['Administrator token', token]], 'seal');
    assert.equal(sealed.code, 0, sealed.shown);
    assert.equal(sealed.shown.includes(token), false);
  });

  it('can be broken off, and leave it at that', async () => {
    server = await TestServer.start({ init: ['--seal', 'shamir', '--shares', '3', '--threshold', '2'] });
    const broken = await server.atTerminal([['Share (', '\u0003']], 'unseal');
    assert.equal(broken.code, 1);
    assert.match(broken.shown, /kleis: the question was broken off/);
    const nothing = await server.atTerminal([['Share (', '']], 'unseal');
    assert.equal(nothing.code, 2);
  });

  it('ask for the passphrase where its file is -', async () => {
    server = await TestServer.start();
    const passphrase = readFileSync(join(server.folder, 'var', 'passphrase'), 'utf8').trim();
    await server.end();
    const flags = ['--passphrase-file', '-'];
    const refused = await server.atTerminal([['passphrase: ', 'not the passphrase']], 'access', 'list', 'x', ...flags);
    assert.match(refused.shown, /kleis: the passphrase in the answer does not open this installation/);
    const opened = await server.atTerminal([['passphrase: ', passphrase]], 'access', 'list', 'x', ...flags);
    assert.match(opened.shown, /kleis: there is no object x/);
    assert.equal(opened.shown.includes(passphrase), false);
    const none = await server.command('access', 'list', 'x', ...flags);
    assert.match(none.stderr, /^kleis: there is no terminal to ask at for: passphrase\n$/);
  });
});
