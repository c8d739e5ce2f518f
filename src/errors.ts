import { type Operation, ResultReason } from '../ttlv/tables/enums.ts';
import type { Version } from '../ttlv/tables/versions.ts';

/** The name of an operation: the key of the standard's registry. */
export type OperationName = keyof typeof Operation;

/** A result reason, in the versions since..until and for the operations `only`; for all of them where these are absent. */
export interface ReasonRule {
  readonly reason: ResultReason;
  readonly since?: Version;
  readonly until?: Version;
  readonly only?: readonly OperationName[];
}

/** A reason that an operation's declaration puts in the place of the table's, in the versions from..to. */
interface ReasonOverride {
  readonly reason: ResultReason;
  readonly from?: Version;
  readonly to?: Version;
  /** The published test case, or the section of the standard, that asks for it. */
  readonly source: string;
}

/** Reason overrides of one operation. */
export type ReasonOverrides = Partial<Readonly<Record<ErrorName, ReasonOverride>>>;

/** What clients are told of one kind of failure. */
export interface ErrorRow {
  /** The first rule that fits the version and the operation counts; the last one fits all. */
  readonly reasons: readonly ReasonRule[];
  readonly http: number;
  /** One sentence for the documentation. */
  readonly text: string;
}

const R = ResultReason;

/** A reason of 1.0 to 1.4. */
const old = (reason: ResultReason, ...only: OperationName[]): ReasonRule =>
  only.length > 0 ? { reason, until: 14, only } : { reason, until: 14 };

/** A reason that begins with a version; restricted to the operations whose error list of that version has it. */
const from = (since: Version, reason: ResultReason, ...only: OperationName[]): ReasonRule =>
  only.length > 0 ? { reason, since, only } : { reason, since };

const always = (reason: ResultReason): ReasonRule => ({ reason });

/** A reason of every version, restricted to some operations. */
const only = (reason: ResultReason, ...operations: OperationName[]): ReasonRule => ({ reason, only: operations });

const row = (http: number, text: string, ...reasons: ReasonRule[]): ErrorRow => ({ reasons, http, text });

const cryptographic = ['Encrypt', 'Decrypt', 'Sign', 'SignatureVerify', 'MAC', 'MACVerify'] as const;
const attributeWriters = [
  'AddAttribute',
  'ModifyAttribute',
  'DeleteAttribute',
  'SetAttribute',
  'AdjustAttribute',
] as const;
const registering = ['Register', 'Import'] as const;
const creating = ['Create', 'CreateKeyPair', 'CreateSplitKey', 'JoinSplitKey', ...registering] as const;
const getting = ['Get', 'Export'] as const;
const certifying = ['Certify', 'ReCertify', 'ReKey', 'ReKeyKeyPair'] as const;
const random = ['Hash', 'RNGRetrieve', 'RNGSeed'] as const;
const constraining = ['SetDefaults', 'SetConstraints', 'GetConstraints'] as const;
const sessions = ['Login', 'Logout', 'DelegatedLogin', 'SetEndpointRole', 'ReProvision', 'Interop', 'Log'] as const;
const asynchronous = ['Poll', 'Process', 'QueryAsynchronousRequests', 'PKCS_11'] as const;
const making = ['Create', 'Register', 'CreateSplitKey', 'JoinSplitKey', 'DeriveKey'] as const;
/** Operations that name no object, but perhaps one in an attribute. */
const objectless = ['Create', 'CreateKeyPair', ...registering, 'Locate', 'Query', 'DiscoverVersions'] as const;
const lifecycle = ['Activate', 'Revoke', 'Destroy', 'DeriveKey', ...cryptographic, ...attributeWriters] as const;

/**
 * The result reasons of every kind of failure by version and operation, from the error tables of the standard (1.x:
 * chapter "Error Handling"; 2.x: the list of each operation), and the HTTP status of the same failure.
 */
export const errorTable = {
  'invalid-message': row(
    400,
    'The message, or a batch item in it, is not what the protocol version allows.',
    always(R.InvalidMessage),
  ),
  'unsupported-version': row(
    400,
    'The server does not speak the protocol version of the request; the result message lists those it speaks.',
    from(20, R.UnsupportedProtocolVersion),
    always(R.InvalidMessage),
  ),
  'missing-data': row(
    400,
    'The operation needs a field or an attribute that the request does not have.',
    always(R.MissingData),
  ),
  'invalid-field': row(400, 'A field of the request has a value that is not possible there.', always(R.InvalidField)),
  'invalid-attribute': row(
    400,
    'The attribute is unknown to the protocol version, or the object cannot have it.',
    old(R.PermissionDenied, 'AddAttribute'),
    old(R.InvalidField),
    from(
      20,
      R.InvalidAttribute,
      ...creating,
      'AddAttribute',
      'DeleteAttribute',
      'DeriveKey',
      'GetAttributes',
      'Locate',
    ),
    from(20, R.UnsupportedAttribute, 'AdjustAttribute'),
    always(R.InvalidField),
  ),
  'invalid-attribute-value': row(
    400,
    'The value is not possible for the attribute.',
    from(20, R.InvalidAttributeValue, ...creating, 'SetAttribute'),
    always(R.InvalidField),
  ),
  'bad-parameters': row(
    400,
    'The cryptographic parameters contradict each other or do not fit the key.',
    from(20, R.BadCryptographicParameters, ...cryptographic, ...getting, 'DeriveKey', 'CreateSplitKey', 'JoinSplitKey'),
    always(R.InvalidField),
  ),
  'unsupported-parameters': row(
    501,
    'The cryptographic algorithm, mode, padding or length is not supported by the server.',
    from(20, R.UnsupportedCryptographicParameters, 'Encrypt', 'Decrypt', 'Sign', 'SignatureVerify', 'DeriveKey'),
    from(20, R.UnsupportedCryptographicParameters, 'CreateSplitKey', 'JoinSplitKey'),
    always(R.FeatureNotSupported),
  ),
  'impossible-tag-length': {
    // General Failure in every version: published case CS-BC-M-GCM-1.
    reasons: [always(R.GeneralFailure)],
    http: 400,
    text: 'The Tag Length is not one that the mode has.',
  },
  // Published case QS-M-2 has General Failure.
  'not-quantum-safe': row(
    400,
    'The object is to be Quantum Safe, and its algorithm and length are not.',
    always(R.GeneralFailure),
  ),
  'no-such-storage': row(
    400,
    'The server has none of the kinds of storage that the Protection Storage Masks allow.',
    from(20, R.PrivateProtectionStorageUnavailable, 'CreateKeyPair', 'ReKeyKeyPair'),
    from(20, R.ProtectionStorageUnavailable, ...creating, 'ReKey'),
    always(R.GeneralFailure),
  ),
  'wrong-type': row(
    400,
    'The operation is not possible for an object of this type.',
    old(R.PermissionDenied, ...cryptographic, 'ReKey', 'ReKeyKeyPair', 'Certify', 'ReCertify', 'Destroy'),
    old(R.InvalidField, ...creating, 'DeriveKey'),
    old(R.IllegalOperation),
    from(20, R.IllegalObjectType, 'Check'),
    from(20, R.InvalidObjectType, ...cryptographic, ...getting, ...certifying, ...making, ...constraining),
    from(20, R.InvalidObjectType, 'Activate', 'Revoke', 'GetUsageAllocation', 'Validate'),
    always(R.InvalidField),
  ),
  'not-authenticated': row(
    401,
    'The server could not tell who asks, or a credential did not verify.',
    always(R.AuthenticationNotSuccessful),
  ),
  'not-permitted': row(403, 'The principal may see the object but not do this with it.', always(R.PermissionDenied)),
  'not-found': row(
    404,
    'There is no such object, or the principal may not see it.',
    old(R.ItemNotFound),
    from(20, R.ItemNotFound, 'AdjustAttribute', 'Certify', 'CreateSplitKey'),
    from(20, R.InvalidField, ...objectless, ...random, ...constraining, ...sessions, ...asynchronous),
    always(R.ObjectNotFound),
  ),
  exists: row(
    409,
    'An object with this unique identifier exists already.',
    from(14, R.ObjectAlreadyExists, 'Import'),
    always(R.InvalidField),
  ),
  'duplicate-name': row(
    409,
    'The name is in use already.',
    old(R.IllegalOperation, 'AddAttribute', 'ModifyAttribute'),
    old(R.InvalidField),
    from(20, R.NonUniqueNameAttribute, ...creating, 'AddAttribute', 'ModifyAttribute', 'SetAttribute', 'DeriveKey'),
    always(R.InvalidField),
  ),
  'wrong-state': row(
    409,
    'The state of the object, or its dates, do not allow the operation.',
    from(21, R.WrongKeyLifecycleState, ...lifecycle),
    always(R.PermissionDenied),
  ),
  'no-activation-date': row(
    409,
    'An Offset moves dates by the Activation Date of the key, and the key has none.',
    old(R.IllegalOperation),
    always(R.InvalidField),
  ),
  destroyed: row(
    410,
    'The object has been destroyed.',
    old(R.ItemNotFound, ...getting),
    from(20, R.ObjectDestroyed, 'Get', 'Destroy'),
    from(20, R.ObjectNotFound, 'Export'),
    from(21, R.WrongKeyLifecycleState, ...lifecycle),
    always(R.PermissionDenied),
  ),
  'attribute-not-found': row(
    404,
    'The object does not have the attribute.',
    old(R.ItemNotFound, 'DeleteAttribute'),
    old(R.InvalidField),
    from(20, R.AttributeNotFound, 'DeleteAttribute', 'ModifyAttribute', 'GetUsageAllocation'),
    from(20, R.ItemNotFound, 'AdjustAttribute'),
    always(R.InvalidField),
  ),
  'attribute-instance-not-found': row(
    404,
    'The object has the attribute, but no instance with this index or value.',
    old(R.ItemNotFound),
    from(20, R.AttributeInstanceNotFound, 'DeleteAttribute', 'ModifyAttribute'),
    always(R.InvalidField),
  ),
  'attribute-multi-valued': row(
    400,
    'The attribute has several instances, and the request does not tell which one is meant.',
    from(20, R.MultiValuedAttribute, 'SetAttribute', 'AdjustAttribute'),
    always(R.InvalidField),
  ),
  'attribute-single-valued': row(
    400,
    'The attribute can have one instance only, and has it already.',
    old(R.IllegalOperation, 'AddAttribute'),
    old(R.InvalidField),
    from(20, R.AttributeSingleValued, 'AddAttribute', 'Create', 'CreateKeyPair', 'JoinSplitKey', ...registering),
    always(R.InvalidField),
  ),
  'index-out-of-bounds': row(
    400,
    'The attribute would have more instances than the server keeps.',
    old(R.IndexOutOfBounds, ...creating, 'AddAttribute'),
    from(20, R.ServerLimitExceeded, ...creating, 'AddAttribute'),
    always(R.InvalidField),
  ),
  'response-too-large': row(
    413,
    'The answer would be longer than the Maximum Response Size of the request.',
    always(R.ResponseTooLarge),
  ),
  'wrong-usage': row(
    409,
    'The Cryptographic Usage Mask of the key does not allow this use.',
    from(20, R.IncompatibleCryptographicUsageMask, ...cryptographic, ...getting, 'Check', 'DeriveKey'),
    always(R.PermissionDenied),
  ),
  archived: row(409, 'The object is archived.', always(R.ObjectArchived)),
  'not-extractable': row(
    403,
    'The Extractable attribute of the object is False.',
    from(14, R.NotExtractable, 'Get'),
    always(R.PermissionDenied),
  ),
  sensitive: row(
    403,
    'The object is Sensitive: its key material leaves the server only wrapped.',
    from(14, R.Sensitive, 'Get'),
    always(R.PermissionDenied),
  ),
  'read-only-attribute': row(
    400,
    'Clients cannot set, change or delete the attribute.',
    old(R.InvalidField, ...creating, 'ReKey', 'ReKeyKeyPair'),
    old(R.PermissionDenied),
    from(20, R.ReadOnlyAttribute, 'Create', 'AddAttribute', 'SetAttribute', 'AdjustAttribute'),
    from(
      20,
      R.AttributeReadOnly,
      'ModifyAttribute',
      'DeleteAttribute',
      'CreateKeyPair',
      'JoinSplitKey',
      ...registering,
    ),
    always(R.InvalidField),
  ),
  'usage-exceeded': row(
    429,
    'The Usage Limits of the key are used up.',
    from(20, R.UsageLimitExceeded, 'Check', 'GetUsageAllocation', 'ObtainLease'),
    // In 2.0 a use that is denied is Permission Denied, as in published case CS-BC-M-14-20, whatever its lists have.
    from(21, R.UsageLimitExceeded, 'Encrypt', 'Sign', 'MAC'),
    always(R.PermissionDenied),
  ),
  'limit-exceeded': row(
    429,
    'A limit of the server does not allow the request.',
    from(20, R.ServerLimitExceeded, ...creating, 'AddAttribute'),
    always(R.GeneralFailure),
  ),
  'key-format-not-supported': row(
    400,
    'The object cannot be given, or taken, in this Key Format Type.',
    only(R.KeyFormatTypeNotSupported, ...getting),
    always(R.InvalidField),
  ),
  'key-compression-not-supported': row(
    400,
    'The object cannot be given, or taken, in this Key Compression Type.',
    only(R.KeyCompressionTypeNotSupported, ...getting),
    always(R.InvalidField),
  ),
  'key-wrap-type-not-supported': row(
    501,
    'The object cannot be given with this Key Wrap Type.',
    from(20, R.KeyWrapTypeNotSupported, ...getting),
    always(R.FeatureNotSupported),
  ),
  'encoding-option': row(
    400,
    'The key cannot be wrapped, or unwrapped, with this Encoding Option.',
    from(11, R.EncodingOptionError, ...getting, ...registering),
    always(R.InvalidField),
  ),
  'wrapping-object-not-found': row(
    404,
    'There is no such wrapping key, or the principal may not see it.',
    old(R.ItemNotFound),
    from(20, R.WrappingObjectNotFound, ...getting),
    always(R.InvalidField),
  ),
  'wrapping-object-destroyed': row(
    410,
    'The wrapping key has been destroyed.',
    old(R.ItemNotFound),
    from(20, R.WrappingObjectDestroyed, ...getting),
    always(R.InvalidField),
  ),
  'key-value-not-present': row(
    409,
    'The server has the attributes of the object, but not its key value.',
    old(R.IllegalOperation, ...getting),
    from(12, R.KeyValueNotPresent, ...cryptographic, ...getting, 'DeriveKey', 'ReKey', 'ReKeyKeyPair'),
    always(R.PermissionDenied),
  ),
  'invalid-correlation-value': row(
    404,
    'No operation in parts is under way with this Correlation Value.',
    old(R.ItemNotFound),
    from(20, R.InvalidCorrelationValue, ...cryptographic, 'Hash'),
    always(R.InvalidField),
  ),
  'crypto-failed': row(
    422,
    'The cryptographic operation failed; the answer is the same whatever the cause.',
    only(R.CryptographicFailure, ...cryptographic, ...random, 'Create', 'CreateKeyPair', 'ReKey', 'ReKeyKeyPair'),
    only(R.CryptographicFailure, 'DeriveKey', 'CreateSplitKey', 'JoinSplitKey'),
    always(R.GeneralFailure),
  ),
  'not-supported': row(
    501,
    'The server does not support the operation in this protocol version.',
    always(R.OperationNotSupported),
  ),
  'feature-not-supported': row(
    501,
    'The server does not support a feature that the request asks for.',
    always(R.FeatureNotSupported),
  ),
  sealed: row(503, 'The server is sealed: it has no key to open its store with.', always(R.GeneralFailure)),
  'not-ready': row(
    503,
    'The clocks of the node and of the database differ, and dates decide about keys: it waits until they agree.',
    always(R.GeneralFailure),
  ),
  'store-unavailable': row(
    503,
    'The database cannot be reached or does not answer in time.',
    from(20, R.PrivateProtectionStorageUnavailable, 'CreateKeyPair', 'ReKeyKeyPair'),
    from(20, R.ProtectionStorageUnavailable, ...creating, 'ReKey', 'Certify', 'ReCertify'),
    always(R.GeneralFailure),
  ),
  internal: row(
    500,
    'The server failed; the cause is in its log, beside the correlation value of the answer.',
    from(20, R.InternalServerError),
    always(R.GeneralFailure),
  ),
} as const satisfies Record<string, ErrorRow>;

/** The kinds of failure, as code names them. */
export type ErrorName = keyof typeof errorTable;

/**
 * A failure that is told to the client. The message is for the client too: it says what was wrong with the request,
 * in at most 200 bytes, and holds no secrets, SQL, paths or stack traces. `cause` is for the log.
 */
export class KmipError extends Error {
  readonly error: ErrorName;

  constructor(error: ErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KmipError';
    this.error = error;
  }
}

/** The result reason of a failure in one version, of one operation (undefined: none could be told). */
export function reasonOf(
  error: ErrorName,
  version: Version,
  operation?: OperationName,
  overrides?: ReasonOverrides,
): ResultReason {
  const override = overrides?.[error];
  if (override !== undefined && version >= (override.from ?? version) && version <= (override.to ?? version)) {
    return override.reason;
  }
  const rules: readonly ReasonRule[] = errorTable[error].reasons;
  for (const rule of rules) if (fits(rule, version, operation)) return rule.reason;
  return ResultReason.GeneralFailure;
}

function fits(rule: ReasonRule, version: Version, operation: OperationName | undefined): boolean {
  if (rule.since !== undefined && version < rule.since) return false;
  if (rule.until !== undefined && version > rule.until) return false;
  return rule.only === undefined || (operation !== undefined && rule.only.includes(operation));
}
