import type { OperationCodecs } from '../../src/kmip/message.ts';
import { activateRequest, activateResponse } from '../../src/kmip/payloads/activate.ts';
import { addAttributeRequest, addAttributeResponse } from '../../src/kmip/payloads/add-attribute.ts';
import { adjustAttributeRequest, adjustAttributeResponse } from '../../src/kmip/payloads/adjust-attribute.ts';
import { archiveRequest, archiveResponse } from '../../src/kmip/payloads/archive.ts';
import { cancelRequest, cancelResponse } from '../../src/kmip/payloads/cancel.ts';
import { certifyRequest, certifyResponse } from '../../src/kmip/payloads/certify.ts';
import { checkRequest, checkResponse } from '../../src/kmip/payloads/check.ts';
import { createRequest, createResponse } from '../../src/kmip/payloads/create.ts';
import { createKeyPairRequest, createKeyPairResponse } from '../../src/kmip/payloads/create-key-pair.ts';
import { createSplitKeyRequest, createSplitKeyResponse } from '../../src/kmip/payloads/create-split-key.ts';
import { decryptRequest, decryptResponse } from '../../src/kmip/payloads/decrypt.ts';
import { delegatedLoginRequest, delegatedLoginResponse } from '../../src/kmip/payloads/delegated-login.ts';
import { deleteAttributeRequest, deleteAttributeResponse } from '../../src/kmip/payloads/delete-attribute.ts';
import { deriveKeyRequest, deriveKeyResponse } from '../../src/kmip/payloads/derive-key.ts';
import { destroyRequest, destroyResponse } from '../../src/kmip/payloads/destroy.ts';
import { discoverVersionsRequest, discoverVersionsResponse } from '../../src/kmip/payloads/discover-versions.ts';
import { encryptRequest, encryptResponse } from '../../src/kmip/payloads/encrypt.ts';
import { exportRequest, exportResponse } from '../../src/kmip/payloads/export.ts';
import { getRequest, getResponse } from '../../src/kmip/payloads/get.ts';
import { getAttributeListRequest, getAttributeListResponse } from '../../src/kmip/payloads/get-attribute-list.ts';
import { getAttributesRequest, getAttributesResponse } from '../../src/kmip/payloads/get-attributes.ts';
import { getConstraintsRequest, getConstraintsResponse } from '../../src/kmip/payloads/get-constraints.ts';
import { getUsageAllocationRequest, getUsageAllocationResponse } from '../../src/kmip/payloads/get-usage-allocation.ts';
import { hashRequest, hashResponse } from '../../src/kmip/payloads/hash.ts';
import { importRequest, importResponse } from '../../src/kmip/payloads/import.ts';
import { interopRequest, interopResponse } from '../../src/kmip/payloads/interop.ts';
import { joinSplitKeyRequest, joinSplitKeyResponse } from '../../src/kmip/payloads/join-split-key.ts';
import { locateRequest, locateResponse } from '../../src/kmip/payloads/locate.ts';
import { logRequest, logResponse } from '../../src/kmip/payloads/log.ts';
import { loginRequest, loginResponse } from '../../src/kmip/payloads/login.ts';
import { logoutRequest, logoutResponse } from '../../src/kmip/payloads/logout.ts';
import { macRequest, macResponse } from '../../src/kmip/payloads/mac.ts';
import { macVerifyRequest, macVerifyResponse } from '../../src/kmip/payloads/mac-verify.ts';
import { modifyAttributeRequest, modifyAttributeResponse } from '../../src/kmip/payloads/modify-attribute.ts';
import { obtainLeaseRequest, obtainLeaseResponse } from '../../src/kmip/payloads/obtain-lease.ts';
import { pingRequest, pingResponse } from '../../src/kmip/payloads/ping.ts';
import { pkcs11Request, pkcs11Response } from '../../src/kmip/payloads/pkcs-11.ts';
import { pollRequest } from '../../src/kmip/payloads/poll.ts';
import { processRequest, processResponse } from '../../src/kmip/payloads/process.ts';
import { queryRequest, queryResponse } from '../../src/kmip/payloads/query.ts';
import {
  queryAsynchronousRequestsRequest,
  queryAsynchronousRequestsResponse,
} from '../../src/kmip/payloads/query-asynchronous-requests.ts';
import { reCertifyRequest, reCertifyResponse } from '../../src/kmip/payloads/re-certify.ts';
import { reKeyRequest, reKeyResponse } from '../../src/kmip/payloads/re-key.ts';
import { reKeyKeyPairRequest, reKeyKeyPairResponse } from '../../src/kmip/payloads/re-key-key-pair.ts';
import { reProvisionRequest, reProvisionResponse } from '../../src/kmip/payloads/re-provision.ts';
import { recoverRequest, recoverResponse } from '../../src/kmip/payloads/recover.ts';
import { registerRequest, registerResponse } from '../../src/kmip/payloads/register.ts';
import { revokeRequest, revokeResponse } from '../../src/kmip/payloads/revoke.ts';
import { rngRetrieveRequest, rngRetrieveResponse } from '../../src/kmip/payloads/rng-retrieve.ts';
import { rngSeedRequest, rngSeedResponse } from '../../src/kmip/payloads/rng-seed.ts';
import { setAttributeRequest, setAttributeResponse } from '../../src/kmip/payloads/set-attribute.ts';
import { setConstraintsRequest, setConstraintsResponse } from '../../src/kmip/payloads/set-constraints.ts';
import { setDefaultsRequest, setDefaultsResponse } from '../../src/kmip/payloads/set-defaults.ts';
import { setEndpointRoleRequest, setEndpointRoleResponse } from '../../src/kmip/payloads/set-endpoint-role.ts';
import { signRequest, signResponse } from '../../src/kmip/payloads/sign.ts';
import { signatureVerifyRequest, signatureVerifyResponse } from '../../src/kmip/payloads/signature-verify.ts';
import { validateRequest, validateResponse } from '../../src/kmip/payloads/validate.ts';
import { type Codec, structure } from '../../ttlv/structure.ts';
import { Operation } from '../../ttlv/tables/enums.ts';
import type { Version } from '../../ttlv/tables/versions.ts';

type Row = readonly [name: keyof typeof Operation, since: Version, request: Codec<unknown>, response: Codec<unknown>];

/** The first version is from operations.json. */
const rows: readonly Row[] = [
  ['Activate', 10, activateRequest, activateResponse],
  ['AddAttribute', 10, addAttributeRequest, addAttributeResponse],
  ['AdjustAttribute', 20, adjustAttributeRequest, adjustAttributeResponse],
  ['Archive', 10, archiveRequest, archiveResponse],
  ['Cancel', 10, cancelRequest, cancelResponse],
  ['Certify', 10, certifyRequest, certifyResponse],
  ['Check', 10, checkRequest, checkResponse],
  ['Create', 10, createRequest, createResponse],
  ['CreateKeyPair', 10, createKeyPairRequest, createKeyPairResponse],
  ['CreateSplitKey', 12, createSplitKeyRequest, createSplitKeyResponse],
  ['Decrypt', 12, decryptRequest, decryptResponse],
  ['DelegatedLogin', 20, delegatedLoginRequest, delegatedLoginResponse],
  ['DeleteAttribute', 10, deleteAttributeRequest, deleteAttributeResponse],
  ['DeriveKey', 10, deriveKeyRequest, deriveKeyResponse],
  ['Destroy', 10, destroyRequest, destroyResponse],
  // PyKMIP asks in 1.0 too.
  ['DiscoverVersions', 10, discoverVersionsRequest, discoverVersionsResponse],
  ['Encrypt', 12, encryptRequest, encryptResponse],
  ['Export', 14, exportRequest, exportResponse],
  ['Get', 10, getRequest, getResponse],
  ['GetAttributeList', 10, getAttributeListRequest, getAttributeListResponse],
  ['GetAttributes', 10, getAttributesRequest, getAttributesResponse],
  ['GetConstraints', 21, getConstraintsRequest, getConstraintsResponse],
  ['GetUsageAllocation', 10, getUsageAllocationRequest, getUsageAllocationResponse],
  ['Hash', 12, hashRequest, hashResponse],
  ['Import', 14, importRequest, importResponse],
  ['Interop', 20, interopRequest, interopResponse],
  ['JoinSplitKey', 12, joinSplitKeyRequest, joinSplitKeyResponse],
  ['Locate', 10, locateRequest, locateResponse],
  ['Log', 20, logRequest, logResponse],
  ['Login', 20, loginRequest, loginResponse],
  ['Logout', 20, logoutRequest, logoutResponse],
  ['MAC', 12, macRequest, macResponse],
  ['MACVerify', 12, macVerifyRequest, macVerifyResponse],
  ['ModifyAttribute', 10, modifyAttributeRequest, modifyAttributeResponse],
  ['ObtainLease', 10, obtainLeaseRequest, obtainLeaseResponse],
  ['Ping', 21, pingRequest, pingResponse],
  ['PKCS_11', 20, pkcs11Request, pkcs11Response],
  ['Poll', 10, pollRequest, structure({})],
  ['Process', 21, processRequest, processResponse],
  ['Query', 10, queryRequest, queryResponse],
  ['QueryAsynchronousRequests', 21, queryAsynchronousRequestsRequest, queryAsynchronousRequestsResponse],
  ['ReCertify', 10, reCertifyRequest, reCertifyResponse],
  ['ReKey', 10, reKeyRequest, reKeyResponse],
  ['ReKeyKeyPair', 11, reKeyKeyPairRequest, reKeyKeyPairResponse],
  ['ReProvision', 20, reProvisionRequest, reProvisionResponse],
  ['Recover', 10, recoverRequest, recoverResponse],
  ['Register', 10, registerRequest, registerResponse],
  ['Revoke', 10, revokeRequest, revokeResponse],
  ['RNGRetrieve', 12, rngRetrieveRequest, rngRetrieveResponse],
  ['RNGSeed', 12, rngSeedRequest, rngSeedResponse],
  ['SetAttribute', 20, setAttributeRequest, setAttributeResponse],
  ['SetConstraints', 21, setConstraintsRequest, setConstraintsResponse],
  ['SetDefaults', 21, setDefaultsRequest, setDefaultsResponse],
  ['SetEndpointRole', 20, setEndpointRoleRequest, setEndpointRoleResponse],
  ['Sign', 12, signRequest, signResponse],
  ['SignatureVerify', 12, signatureVerifyRequest, signatureVerifyResponse],
  ['Validate', 10, validateRequest, validateResponse],
];

/** Every operation that clients may ask for, whether the server performs it or not, by its code. */
export const payloads: ReadonlyMap<number, OperationCodecs> = new Map(
  rows.map(([name, since, request, response]) => [
    Operation[name],
    { name, code: Operation[name], since, request, response },
  ]),
);
