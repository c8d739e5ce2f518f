import assert from 'node:assert/strict';
import { environmentOf, loadSettings, settingNames } from '../../../src/config/load.ts';
import { settingsTable } from '../../../src/config/settings.ts';

describe('settings', () => {
  it('have the documented defaults', () => {
    const settings = loadSettings({}, {});
    assert.equal(settings.rootDir, './var');
    assert.equal(settings.passphraseFile, 'var/passphrase');
    assert.equal(settings.hostname, '127.0.0.1');
    assert.equal(settings.kmipPort, 5696);
    assert.equal(settings.caFile, 'certs/dev/ca.pem');
    assert.equal(settings.workers, 1);
    assert.equal(settings.maxMessageBytes, 8 * 1024 * 1024);
    assert.equal(settings.maxMessageDepth, 32);
    assert.equal(settings.maxMessageItems, 100_000);
    assert.equal(settings.idleTimeout, 3600);
    assert.equal(settings.cacheMaxStaleness, 0);
  });

  it('come from the environment, and the command line beats it', () => {
    const environment = { KMS_KMIP_PORT: '1234', KMS_WORKERS: '2', KMS_ROOT_DIR: '/data' };
    const settings = loadSettings({ kmipPort: '4321' }, environment);
    assert.equal(settings.kmipPort, 4321);
    assert.equal(settings.workers, 2);
    assert.equal(settings.databaseFile, '/data/kleis.db');
  });

  it('take an empty variable for none', () => {
    assert.equal(loadSettings({}, { KMS_KMIP_PORT: '' }).kmipPort, 5696);
  });

  it('read switches and lists', () => {
    const settings = loadSettings({}, { KMS_AUTHENTICATION: 'off', KMS_USER_FROM: 'cn, san-email' });
    assert.equal(settings.authentication, false);
    assert.deepEqual(settings.userFrom, ['cn', 'san-email']);
  });

  const impossible: readonly [string, string, RegExp][] = [
    ['KMS_KMIP_PORT', '0', /^KMS_KMIP_PORT must be a whole number from 1 to 65535, not "0"$/],
    ['KMS_KMIP_PORT', '65536', /KMS_KMIP_PORT/],
    ['KMS_WORKERS', '1.5', /whole number from 1 to 256/],
    ['KMS_WORKERS', '-1', /KMS_WORKERS/],
    ['KMS_WORKERS', '0x2', /KMS_WORKERS/],
    ['KMS_AUTHENTICATION', 'no', /`on` or `off`/],
    ['KMS_NAMES_UNIQUE', 'constructor', /`off` or `owner`/],
    ['KMS_USER_FROM', 'cn,cn', /separated by commas/],
    ['KMS_USER_FROM', 'cn,', /separated by commas/],
    ['KMS_LOG_LEVEL', 'loud', /KMS_LOG_LEVEL/],
  ];
  for (const [name, value, message] of impossible) {
    it(`refuse ${name}=${value} in words`, () => {
      assert.throws(() => loadSettings({}, { [name]: value }), { name: 'SettingError', message });
    });
  }

  it('name the flag when it is the flag that is wrong', () => {
    assert.throws(() => loadSettings({ kmipPort: 'x' }, {}), /^SettingError: --kmip-port must be/);
  });

  for (const hostname of ['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.evil.example']) {
    it(`refuse to listen on ${hostname} without authentication`, () => {
      const environment = { KMS_AUTHENTICATION: 'off', KMS_HOSTNAME: hostname };
      assert.throws(() => loadSettings({}, environment), {
        name: 'SettingError',
        message: /KMS_HOSTNAME must be a loopback/,
      });
    });
  }

  it('reach a child process whole', () => {
    const settings = loadSettings({ kmipPort: '7000', userFrom: 'cn' }, { KMS_AUTHENTICATION: 'off' });
    assert.deepEqual(loadSettings({}, environmentOf(settings)), settings);
  });

  it('have names, variables and flags that follow from one another', () => {
    for (const name of settingNames) {
      // The door that people knock at is `the` port.
      const words = name === 'httpPort' ? 'port' : name.replace(/[A-Z]/g, (letter) => `_${letter}`);
      assert.equal(settingsTable[name].env, `KMS_${words.toUpperCase()}`);
      assert.equal(settingsTable[name].flag, `--${words.toLowerCase().replaceAll('_', '-')}`);
    }
  });
});
