import type { Secret } from '../crypto/secret.ts';
import { KmipError } from '../errors.ts';
import { ConflictError, type InstallationRow } from '../store/store.ts';
import { adminTokenDigest, newAdminToken } from './admin-token.ts';
import type { OperationResult, RootOperation, SealName } from './control.ts';
import type { Generations } from './generations.ts';
import { sharedRootKey } from './installation-row.ts';
import { checkSplit, encryptShares } from './new-shares.ts';
import { type RootKeyProvider, SealError } from './root-key.ts';
import type { Seals } from './seals.ts';
import type { NewSplit } from './shares.ts';

/** What an operation on the root key works with. */
export interface OperationParts {
  readonly seals: Seals;
  readonly generations: Generations;
  /** What the given shares make up; undefined where none were asked for. */
  readonly consent: RootKeyProvider | undefined;
}

/** Which seal, and which recovery shares, the installation has afterwards. */
interface Outcome {
  readonly seal: RootKeyProvider;
  readonly recovery: RootKeyProvider | undefined;
}

/** Throws `invalid-field` and `wrong-state` where the installation cannot have the operation. */
export async function checkOperation(operation: RootOperation, { seal }: InstallationRow): Promise<void> {
  if (operation.kind === 'rotate-root' || operation.kind === 'admin-token') return;
  const { split } = operation;
  if (operation.kind === 'migrate') {
    if (operation.to === seal) throw new KmipError('wrong-state', `the seal is ${seal} already`);
    if ((operation.to === 'shamir') !== (split !== undefined)) {
      throw new KmipError('invalid-field', 'shares and threshold belong to the seal shamir, and to no other');
    }
  }
  if (split !== undefined) await checkSplit(split);
}

/** Runs an operation for whoever has opened a seal that opens by itself: no shares are asked for. Throws as the two beside it. */
export async function runBySeal(
  operation: RootOperation,
  parts: Omit<OperationParts, 'consent'>,
): Promise<OperationResult<Secret>> {
  await checkOperation(operation, parts.generations.installation);
  return runOperation(operation, { ...parts, consent: undefined });
}

/**
 * Runs an operation that was checked. Throws `wrong-state` where the shares do not make up what opens the installation, a
 * seal is not as it must be, or another node has changed the keyring meanwhile.
 */
export async function runOperation(operation: RootOperation, parts: OperationParts): Promise<OperationResult<Secret>> {
  const { kind } = operation;
  try {
    await checkConsent(parts);
    if (kind === 'admin-token') return { kind, shares: [], adminToken: await replaceToken(parts.generations) };
    return { kind, shares: await replaceRoot(operation, parts) };
  } catch (error) {
    throw inWords(error);
  }
}

/** Throws SealError where the shares do not make up what opens this installation. */
async function checkConsent({ consent, generations }: OperationParts): Promise<void> {
  const sealed = sharedRootKey(generations.installation);
  if (consent === undefined || sealed === undefined) return;
  using rootKey = await consent.unwrap({ id: generations.installation.id, ...sealed });
  if (!generations.hasRootKey(rootKey)) throw new SealError('the shares open another root key than the one in use');
}

async function replaceToken(generations: Generations): Promise<Secret> {
  const adminToken = newAdminToken();
  try {
    await generations.replaceAdminToken(adminTokenDigest(generations.installation.id, adminToken));
    return adminToken;
  } catch (error) {
    adminToken.wipe();
    throw error;
  }
}

/** The texts of new shares. */
async function replaceRoot(operation: RootOperation, parts: OperationParts): Promise<readonly Secret[]> {
  const { installation } = parts.generations;
  const revision = installation.revision + 1;
  const split = 'split' in operation ? operation.split : undefined;
  const fresh = split && (await parts.seals.shares.split(installation.id, revision, split));
  const seals: (RootKeyProvider | undefined)[] = [fresh?.seal];
  try {
    const shown = await encryptShares(fresh?.shares ?? [], split?.recipients);
    const { seal, recovery } = await outcomeOf(operation, parts, fresh);
    seals.push(seal);
    const wrap = async (rootKey: Secret): Promise<Omit<InstallationRow, 'tag'>> => ({
      ...installation,
      revision,
      seal: seal.seal,
      ...(await seal.wrap(installation.id, rootKey)),
      recovery: (await recovery?.wrap(installation.id, rootKey)) ?? null,
    });
    await parts.generations.replaceRoot(wrap, { another: operation.kind === 'rotate-root' });
    return shown;
  } catch (error) {
    for (const share of fresh?.shares ?? []) share.wipe();
    throw error;
  } finally {
    for (const seal of seals) seal?.close();
  }
}

/** `fresh` is the new split, where the operation makes one. */
async function outcomeOf(
  operation: RootOperation,
  { seals, generations, consent }: OperationParts,
  fresh: NewSplit | undefined,
): Promise<Outcome> {
  const { seal: before } = generations.installation;
  const target = operation.kind === 'migrate' ? operation.to : (before as SealName);
  if (target === 'shamir') {
    const seal = fresh?.seal ?? consent;
    if (seal === undefined) throw new KmipError('wrong-state', 'the seal shamir needs shares');
    return { seal, recovery: undefined };
  }
  // Shares that were those of the seal itself end with it.
  const kept = before === 'shamir' ? undefined : consent;
  return { seal: await seals.open(target), recovery: fresh?.seal ?? kept };
}

function inWords(error: unknown): unknown {
  if (error instanceof SealError) return new KmipError('wrong-state', error.message, { cause: error });
  if (!(error instanceof ConflictError)) return error;
  return new KmipError('wrong-state', 'the keyring was changed by another node meanwhile; begin again', {
    cause: error,
  });
}
