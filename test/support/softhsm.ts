import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where distributions put the library. */
const libraries = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];

export const library = libraries.find((path) => existsSync(path)) ?? '';
export const pin = '123456';

const addon = new URL('../../node_modules/pkcs11js/build/Release/pkcs11.node', import.meta.url);

/** What is missing for tokens in software, by its package; undefined where nothing is. */
export function missingForTokens(): string | undefined {
  if (library === '' || spawnSync('softhsm2-util', ['--version']).status !== 0) return 'softhsm2';
  return existsSync(addon) ? undefined : 'a compiled pkcs11js';
}

let folder: string | undefined;

/** All tokens of a test process: the library reads its configuration once. */
function prepare(): void {
  if (folder !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'kleis-softhsm-'));
  mkdirSync(join(folder, 'tokens'));
  const lines = [`directories.tokendir = ${join(folder, 'tokens')}`, 'objectstore.backend = file', 'log.level = ERROR'];
  writeFileSync(join(folder, 'softhsm2.conf'), `${lines.join('\n')}\n`);
  process.env['SOFTHSM2_CONF'] = join(folder, 'softhsm2.conf');
  const made = folder;
  process.once('exit', () => rmSync(made, { recursive: true }));
}

/** Makes a token, and shuts the library down, which knows only the tokens of its start. */
export async function makeToken(label: string): Promise<void> {
  prepare();
  const args = ['--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', pin];
  const { status, stderr } = spawnSync('softhsm2-util', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`softhsm2-util: ${stderr}`);
  const { module } = await openLibrary();
  module.C_Finalize();
}

/** The package and its library, initialised. */
export async function openLibrary() {
  const { default: pkcs11 } = await import('pkcs11js');
  const module = new pkcs11.PKCS11();
  module.load(library);
  try {
    module.C_Initialize();
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'CKR_CRYPTOKI_ALREADY_INITIALIZED') throw error;
  }
  return { pkcs11, module };
}

/** Makes an AES-256 key on the token that never leaves it. */
export async function makeKey(token: string, label: string): Promise<void> {
  const { pkcs11, module } = await openLibrary();
  const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === token);
  if (slot === undefined) throw new Error(`there is no token ${token}`);
  const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  module.C_Login(session, pkcs11.CKU_USER, pin);
  module.C_GenerateKey(session, { mechanism: pkcs11.CKM_AES_KEY_GEN }, [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
    { type: pkcs11.CKA_LABEL, value: label },
    { type: pkcs11.CKA_VALUE_LEN, value: 32 },
    { type: pkcs11.CKA_TOKEN, value: true },
    { type: pkcs11.CKA_SENSITIVE, value: true },
    { type: pkcs11.CKA_EXTRACTABLE, value: false },
    { type: pkcs11.CKA_ENCRYPT, value: true },
    { type: pkcs11.CKA_DECRYPT, value: true },
  ]);
  module.C_CloseSession(session);
}
