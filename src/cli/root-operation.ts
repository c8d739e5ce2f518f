import { Command, Option } from 'commander';
import type { Flags } from '../config/load.ts';
import type { Begun, OperationResult, OperationStatus, Submission } from '../seal/control.ts';
import { NodeClient, refusalOf } from './node-client.ts';
import { addSettings, settingsOf } from './options.ts';
import {
  addShareFiles,
  addTokenFile,
  joinLines,
  readToken,
  type ShareFlags,
  shareSource,
  type TokenFlags,
} from './secrets.ts';
import { addSplit, type SplitFlags, splitOf } from './split.ts';
import { showRefused } from './unseal.ts';

interface OperationFlags extends Flags, ShareFlags, TokenFlags {
  readonly nonce?: string;
  readonly json?: true;
}

interface MigrateFlags extends OperationFlags, SplitFlags {
  readonly to: 'shamir' | 'passphrase' | 'pkcs11';
}

/** `kleis rekey` */
export function rekeyCommand(): Command {
  return addSplit(addOperation(new Command('rekey')))
    .description('make other shares: those of the seal, or of a seal that opens by itself, its recovery shares')
    .option(
      '--by-seal',
      'for the first recovery shares, or where they are lost: open the seal here, and ask for neither shares nor token',
    )
    .action(async (flags: OperationFlags & SplitFlags & { readonly bySeal?: true }) => {
      if (!flags.bySeal) return runOperation(flags, '/rekey', splitOf(flags));
      const { renewRecovery } = await import('../administration.ts');
      return showResult({ kind: 'rekey', shares: await renewRecovery(settingsOf(flags), splitOf(flags)) }, flags);
    });
}

/** `kleis admin-token` */
export function adminTokenCommand(): Command {
  return addNonce(addShareFiles(addSettings(new Command('admin-token'))))
    .description(
      'make another administrator token: with shares, or where the seal opens by itself; the one before is over',
    )
    .option('--json', 'print the token as JSON')
    .action(async (flags: OperationFlags) => {
      const settings = settingsOf(flags);
      const { opensByItself, replaceAdminToken } = await import('../administration.ts');
      const { file, nonce } = flags;
      if (file !== undefined || nonce !== undefined || !(await opensByItself(settings))) {
        return give(new NodeClient(settings), flags, { nonce, pathOf: tokenPath });
      }
      return showResult({ kind: 'admin-token', shares: [], adminToken: await replaceAdminToken(settings) }, flags);
    });
}

/** `kleis rotate-root` */
export function rotateRootCommand(): Command {
  return addOperation(new Command('rotate-root'))
    .description('make a new root key and a new generation of the keyring')
    .action((flags: OperationFlags) => runOperation(flags, '/rotate-root', {}));
}

/** `kleis seal migrate` */
export function migrateCommand(): Command {
  return addSplit(addOperation(new Command('migrate')))
    .description('change to another seal')
    .addOption(
      new Option('--to <seal>', 'the new seal').choices(['shamir', 'passphrase', 'pkcs11']).makeOptionMandatory(),
    )
    .action((flags: MigrateFlags) => {
      const { to } = flags;
      return runOperation(flags, '/migrate', { to, ...(to === 'shamir' && { split: splitOf(flags) }) });
    });
}

function addOperation(command: Command): Command {
  return addNonce(addTokenFile(addShareFiles(addSettings(command)))).option('--json', 'print the new shares as JSON');
}

function addNonce(command: Command): Command {
  return command.option('--nonce <nonce>', 'give shares to the operation of this nonce, which somebody else has begun');
}

/** Begins the operation, or joins the one of the nonce, and gives shares as long as it asks for some. */
async function runOperation(flags: OperationFlags, path: string, payload: object): Promise<void> {
  using token = await readToken(flags);
  const node = new NodeClient(settingsOf(flags), token);
  if (flags.nonce !== undefined) return await give(node, flags, { nonce: flags.nonce, pathOf: sharesPath });
  const { operation, completed } = (await node.demand('POST', path, payload)) as Begun;
  if (completed !== undefined) return showResult(completed, flags);
  showProgress(operation);
  await give(node, flags, { nonce: operation.nonce, pathOf: sharesPath });
}

/** Which operation shares are given to, and where; without a nonce, the first ones begin it. */
interface Joined {
  readonly nonce: string | undefined;
  readonly pathOf: (nonce: string | undefined) => string;
}

const sharesPath = (nonce = ''): string => `/operations/${encodeURIComponent(nonce)}/shares`;
const tokenPath = (nonce?: string): string =>
  nonce === undefined ? '/admin-token' : `/admin-token?nonce=${encodeURIComponent(nonce)}`;

async function give(node: NodeClient, flags: OperationFlags, joined: Joined): Promise<void> {
  let { nonce } = joined;
  for await (const shares of shareSource(flags)) {
    const { status, body } = await node.ask('POST', joined.pathOf(nonce), joinLines(shares));
    const submission = body as Partial<Submission>;
    if (submission.refused === undefined) throw refusalOf(status, body);
    showRefused(submission.refused);
    if (submission.completed !== undefined) return showResult(submission.completed, flags);
    if (submission.status?.operation === undefined) continue;
    nonce = submission.status.operation.nonce;
    showProgress(submission.status.operation);
  }
  process.exitCode = 2;
}

/** What the owners of the other shares need. */
function showProgress({ nonce, cnt, required }: OperationStatus): void {
  console.error(`This needs ${required} shares, given to the nonce ${nonce}.`);
  console.error(JSON.stringify({ nonce, cnt, required }));
}

function showResult({ shares, adminToken }: OperationResult, { json }: OperationFlags): void {
  if (adminToken !== undefined) showToken(adminToken, json);
  else if (json) console.log(JSON.stringify({ shares }));
  else if (shares.length === 0) console.log('Done.');
  else showShares(shares);
}

function showToken(token: string, json: true | undefined): void {
  if (json) console.log(JSON.stringify({ admin_token: token }));
  else console.log(`Administrator token: ${token} (shown this once; the one before is over)`);
}

function showShares(shares: readonly string[]): void {
  console.log('Done. These shares are shown this once, and kept nowhere; the ones before open nothing any more.');
  for (const [index, share] of shares.entries()) console.log(`Share ${index + 1}: ${share}`);
}
