import {
  CryptographicAlgorithm,
  DestroyAction,
  enumInfo,
  ObjectType,
  Operation,
  QueryFunction,
  RNGAlgorithm,
  RNGMode,
  ShreddingAlgorithm,
  UnwrapMode,
} from '../../ttlv/tables/enums.ts';
import { ProtectionStorageMask } from '../../ttlv/tables/masks.ts';
import { isDefined } from '../../ttlv/tables/table.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { hasObjectType } from '../kmip/objects.ts';
import { type QueryResponse, queryRequest, queryResponse } from '../kmip/payloads/query.ts';
import { type AnyOperation, untargeted } from './operation.ts';

/** What a Query Function is answered with. */
type Part = (version: Version, operations: readonly AnyOperation[]) => Partial<QueryResponse>;

/** What generates keys here: the DRBG of OpenSSL (NIST SP 800-90A, AES-256 in counter mode). */
export const generator = {
  rngAlgorithm: RNGAlgorithm.DRBG,
  cryptographicAlgorithm: CryptographicAlgorithm.AES,
  cryptographicLength: 256,
};

const nothing: Part = () => ({});

/** The functions in the versions that define them (KMIP 2.1, 6.1.40); others are passed over, as clients probe for them. */
const parts: Readonly<Record<QueryFunction, Part>> = {
  [QueryFunction.QueryOperations]: (version, operations) => ({
    operation: operations.filter((one) => isOffered(one, version)).map(({ code }) => code),
  }),
  [QueryFunction.QueryObjects]: (version) => ({
    objectType: Object.values(ObjectType).filter((type) => hasObjectType(version, type)),
  }),
  [QueryFunction.QueryServerInformation]: (version) => ({
    vendorIdentification: 'Kleis',
    serverInformation: {
      alternateFailoverEndpoints: [],
      ...(version >= 20 && { serverName: 'Kleis', productName: 'Kleis' }),
    },
  }),
  [QueryFunction.QueryApplicationNamespaces]: nothing,
  [QueryFunction.QueryExtensionList]: nothing,
  [QueryFunction.QueryExtensionMap]: nothing,
  [QueryFunction.QueryAttestationTypes]: nothing,
  [QueryFunction.QueryRNGs]: () => ({ rngParameters: [generator] }),
  [QueryFunction.QueryValidations]: nothing,
  // None is claimed: they want cipher suites that are off by default or, those of Suite B, certificates of certain keys.
  [QueryFunction.QueryProfiles]: nothing,
  [QueryFunction.QueryCapabilities]: () => ({
    capabilityInformation: [
      {
        streamingCapability: true,
        asynchronousCapability: false,
        attestationCapability: false,
        batchUndoCapability: true,
        batchContinueCapability: true,
        unwrapMode: UnwrapMode.NotProcessed,
        destroyAction: DestroyAction.KeyMaterialDeleted,
        shreddingAlgorithm: ShreddingAlgorithm.Unsupported,
        rngMode: RNGMode.SharedInstantiation,
        quantumSafeCapability: false,
      },
    ],
  }),
  [QueryFunction.QueryClientRegistrationMethods]: nothing,
  [QueryFunction.QueryDefaultsInformation]: nothing,
  [QueryFunction.QueryStorageProtectionMasks]: () => ({
    protectionStorageMasks: { protectionStorageMask: [ProtectionStorageMask.Software] },
  }),
};

const empty: QueryResponse = {
  operation: [],
  objectType: [],
  applicationNamespace: [],
  extensionInformation: [],
  attestationType: [],
  rngParameters: [],
  profileInformation: [],
  validationInformation: [],
  capabilityInformation: [],
  clientRegistrationMethod: [],
};

function isOffered({ code, since, until }: AnyOperation, version: Version): boolean {
  return version >= since && version <= (until ?? version) && isKnown(enumInfo.Operation.byCode.get(code), version);
}

function isKnown(value: Parameters<typeof isDefined>[0] | undefined, version: Version): boolean {
  return value !== undefined && isDefined(value, version);
}

/** Query (KMIP 2.1, 6.1.40), answered from the table of operations. */
export const queryOf = (operations: () => readonly AnyOperation[]) =>
  untargeted({
    name: 'Query',
    code: Operation.Query,
    since: 10,
    request: queryRequest,
    response: queryResponse,
    permission: undefined,
    whileSealed: true,
    target: 'none',
    async run({ version }, { queryFunction }) {
      const asked = queryFunction
        .filter((code) => isKnown(enumInfo.QueryFunction.byCode.get(code), version))
        .map((code) => parts[code as QueryFunction](version, operations()));
      return { payload: Object.assign({}, empty, ...asked) };
    },
  });
