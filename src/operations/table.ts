import { activate } from './activate.ts';
import { addAttribute } from './add-attribute.ts';
import { check } from './check.ts';
import { create } from './create.ts';
import { createKeyPair } from './create-key-pair.ts';
import { decrypt } from './decrypt.ts';
import { deleteAttribute } from './delete-attribute.ts';
import { destroy } from './destroy.ts';
import { discoverVersions } from './discover-versions.ts';
import { encrypt } from './encrypt.ts';
import { exportObject } from './export.ts';
import { get } from './get.ts';
import { getAttributeList } from './get-attribute-list.ts';
import { getAttributes } from './get-attributes.ts';
import { importObject } from './import.ts';
import { locate } from './locate.ts';
import { mac } from './mac.ts';
import { macVerify } from './mac-verify.ts';
import { modifyAttribute } from './modify-attribute.ts';
import type { AnyOperation } from './operation.ts';
import { queryOf } from './query.ts';
import { reKey } from './re-key.ts';
import { reKeyKeyPair } from './re-key-key-pair.ts';
import { register } from './register.ts';
import { revoke } from './revoke.ts';
import { setAttribute } from './set-attribute.ts';
import { sign } from './sign.ts';
import { signatureVerify } from './signature-verify.ts';

/** Every operation of the server, by code. Query's answer, the names of permissions and the docs come from here. */
export const operations: readonly AnyOperation[] = [
  create,
  createKeyPair,
  register,
  reKey,
  locate,
  check,
  get,
  getAttributes,
  getAttributeList,
  addAttribute,
  modifyAttribute,
  deleteAttribute,
  activate,
  revoke,
  destroy,
  queryOf(() => operations),
  reKeyKeyPair,
  discoverVersions,
  encrypt,
  decrypt,
  sign,
  signatureVerify,
  mac,
  macVerify,
  importObject,
  exportObject,
  setAttribute,
];

/** The operations by code. */
export const operationByCode: ReadonlyMap<number, AnyOperation> = new Map(operations.map((one) => [one.code, one]));

/** The names that a grant may list: each flag of an operation once, sorted. */
export const permissionNames: readonly string[] = [
  ...new Set(operations.map(({ permission }) => permission).filter((name) => name !== undefined)),
].sort();
