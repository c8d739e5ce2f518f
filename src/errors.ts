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
export interface ReasonOverride {
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
const lifecycle = ['Activate', 'Revoke', 'Destroy', 'DeriveKey', ...cryptographic, ...attributeWriters] as const;

/**
 * The result reasons of every kind of failure by version and operation, from the error tables of the standard (1.x:
 * chapter "Error Handling"; 2.x: the list of each operation), and the HTTP status of the same failure.
 */
export const errorTable = {
  'invalid-message': {
    reasons: [always(R.InvalidMessage)],
    http: 400,
    text: 'The message, or a batch item in it, is not what the protocol version allows.',
  },
  'unsupported-version': {
    reasons: [from(20, R.UnsupportedProtocolVersion), always(R.InvalidMessage)],
    http: 400,
    text: 'The server does not speak the protocol version of the request; the result message lists those it speaks.',
  },
  'missing-data': {
    reasons: [always(R.MissingData)],
    http: 400,
    text: 'The operation needs a field or an attribute that the request does not have.',
  },
  'invalid-field': {
    reasons: [always(R.InvalidField)],
    http: 400,
    text: 'A field of the request has a value that is not possible there.',
  },
  'invalid-attribute': {
    reasons: [
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
    ],
    http: 400,
    text: 'The attribute is unknown to the protocol version, or the object cannot have it.',
  },
  'invalid-attribute-value': {
    reasons: [from(20, R.InvalidAttributeValue, ...creating, 'SetAttribute'), always(R.InvalidField)],
    http: 400,
    text: 'The value is not possible for the attribute.',
  },
  'bad-parameters': {
    reasons: [
      from(
        20,
        R.BadCryptographicParameters,
        ...cryptographic,
        ...getting,
        'DeriveKey',
        'CreateSplitKey',
        'JoinSplitKey',
      ),
      always(R.InvalidField),
    ],
    http: 400,
    text: 'The cryptographic parameters contradict each other or do not fit the key.',
  },
  'unsupported-parameters': {
    reasons: [
      from(20, R.UnsupportedCryptographicParameters, 'Encrypt', 'Decrypt', 'Sign', 'SignatureVerify', 'DeriveKey'),
      from(20, R.UnsupportedCryptographicParameters, 'CreateSplitKey', 'JoinSplitKey'),
      always(R.FeatureNotSupported),
    ],
    http: 501,
    text: 'The cryptographic algorithm, mode, padding or length is not supported by the server.',
  },
  'impossible-tag-length': {
    // General Failure in every version: published case CS-BC-M-GCM-1.
    reasons: [always(R.GeneralFailure)],
    http: 400,
    text: 'The Tag Length is not one that the mode has.',
  },
  'wrong-type': {
    reasons: [
      old(R.PermissionDenied, ...cryptographic, 'ReKey', 'ReKeyKeyPair', 'Certify', 'ReCertify', 'Destroy'),
      old(R.InvalidField, ...creating, 'DeriveKey'),
      old(R.IllegalOperation),
      from(20, R.IllegalObjectType, 'Check'),
      from(20, R.InvalidField, 'CreateKeyPair', 'Import', ...attributeWriters),
      always(R.InvalidObjectType),
    ],
    http: 400,
    text: 'The operation is not possible for an object of this type.',
  },
  'not-authenticated': {
    reasons: [always(R.AuthenticationNotSuccessful)],
    http: 401,
    text: 'The server could not tell who asks, or a credential did not verify.',
  },
  'not-permitted': {
    reasons: [always(R.PermissionDenied)],
    http: 403,
    text: 'The principal may see the object but not do this with it.',
  },
  'not-found': {
    reasons: [
      old(R.ItemNotFound),
      from(20, R.ItemNotFound, 'AdjustAttribute', 'Certify', 'CreateSplitKey'),
      always(R.ObjectNotFound),
    ],
    http: 404,
    text: 'There is no such object, or the principal may not see it.',
  },
  exists: {
    reasons: [from(14, R.ObjectAlreadyExists, 'Import'), always(R.InvalidField)],
    http: 409,
    text: 'An object with this unique identifier exists already.',
  },
  'duplicate-name': {
    reasons: [
      old(R.IllegalOperation, 'AddAttribute', 'ModifyAttribute'),
      old(R.InvalidField),
      from(20, R.NonUniqueNameAttribute, ...creating, 'AddAttribute', 'ModifyAttribute', 'SetAttribute', 'DeriveKey'),
      always(R.InvalidField),
    ],
    http: 409,
    text: 'The name is in use already.',
  },
  'wrong-state': {
    reasons: [from(21, R.WrongKeyLifecycleState, ...lifecycle), always(R.PermissionDenied)],
    http: 409,
    text: 'The state of the object, or its dates, do not allow the operation.',
  },
  destroyed: {
    reasons: [
      old(R.ItemNotFound, ...getting),
      from(20, R.ObjectDestroyed, 'Get', 'Destroy'),
      from(20, R.ObjectNotFound, 'Export'),
      from(21, R.WrongKeyLifecycleState, ...lifecycle),
      always(R.PermissionDenied),
    ],
    http: 410,
    text: 'The object has been destroyed.',
  },
  'attribute-not-found': {
    reasons: [
      old(R.ItemNotFound, 'DeleteAttribute'),
      old(R.InvalidField),
      from(20, R.AttributeNotFound, 'DeleteAttribute', 'ModifyAttribute', 'GetUsageAllocation'),
      from(20, R.ItemNotFound, 'AdjustAttribute'),
      always(R.InvalidField),
    ],
    http: 404,
    text: 'The object does not have the attribute.',
  },
  'attribute-instance-not-found': {
    reasons: [
      old(R.ItemNotFound),
      from(20, R.AttributeInstanceNotFound, 'DeleteAttribute', 'ModifyAttribute'),
      always(R.InvalidField),
    ],
    http: 404,
    text: 'The object has the attribute, but no instance with this index or value.',
  },
  'attribute-multi-valued': {
    reasons: [from(20, R.MultiValuedAttribute, 'SetAttribute', 'AdjustAttribute'), always(R.InvalidField)],
    http: 400,
    text: 'The attribute has several instances, and the request does not tell which one is meant.',
  },
  'attribute-single-valued': {
    reasons: [
      old(R.IllegalOperation, 'AddAttribute'),
      old(R.InvalidField),
      from(20, R.AttributeSingleValued, 'AddAttribute', 'Create', 'CreateKeyPair', 'JoinSplitKey', ...registering),
      always(R.InvalidField),
    ],
    http: 400,
    text: 'The attribute can have one instance only, and has it already.',
  },
  'index-out-of-bounds': {
    reasons: [
      old(R.IndexOutOfBounds, ...creating, 'AddAttribute'),
      from(20, R.ServerLimitExceeded, ...creating, 'AddAttribute'),
      always(R.InvalidField),
    ],
    http: 400,
    text: 'The attribute would have more instances than the server keeps.',
  },
  'response-too-large': {
    reasons: [always(R.ResponseTooLarge)],
    http: 413,
    text: 'The answer would be longer than the Maximum Response Size of the request.',
  },
  'wrong-usage': {
    reasons: [
      from(20, R.IncompatibleCryptographicUsageMask, ...cryptographic, ...getting, 'Check', 'DeriveKey'),
      always(R.PermissionDenied),
    ],
    http: 409,
    text: 'The Cryptographic Usage Mask of the key does not allow this use.',
  },
  archived: {
    reasons: [always(R.ObjectArchived)],
    http: 409,
    text: 'The object is archived.',
  },
  'not-extractable': {
    reasons: [from(14, R.NotExtractable, 'Get'), always(R.PermissionDenied)],
    http: 403,
    text: 'The Extractable attribute of the object is False.',
  },
  sensitive: {
    reasons: [from(14, R.Sensitive, 'Get'), always(R.PermissionDenied)],
    http: 403,
    text: 'The object is Sensitive: its key material leaves the server only wrapped.',
  },
  'read-only-attribute': {
    reasons: [
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
    ],
    http: 400,
    text: 'Clients cannot set, change or delete the attribute.',
  },
  'usage-exceeded': {
    reasons: [
      from(20, R.UsageLimitExceeded, 'Check', 'Encrypt', 'Sign', 'MAC', 'GetUsageAllocation', 'ObtainLease'),
      always(R.PermissionDenied),
    ],
    http: 429,
    text: 'The Usage Limits of the key are used up.',
  },
  'limit-exceeded': {
    reasons: [from(20, R.ServerLimitExceeded, ...creating, 'AddAttribute'), always(R.GeneralFailure)],
    http: 429,
    text: 'A limit of the server does not allow the request.',
  },
  'key-format-not-supported': {
    reasons: [{ reason: R.KeyFormatTypeNotSupported, only: getting }, always(R.InvalidField)],
    http: 400,
    text: 'The object cannot be given, or taken, in this Key Format Type.',
  },
  'key-compression-not-supported': {
    reasons: [{ reason: R.KeyCompressionTypeNotSupported, only: getting }, always(R.InvalidField)],
    http: 400,
    text: 'The object cannot be given, or taken, in this Key Compression Type.',
  },
  'key-wrap-type-not-supported': {
    reasons: [from(20, R.KeyWrapTypeNotSupported, ...getting), always(R.FeatureNotSupported)],
    http: 501,
    text: 'The object cannot be given with this Key Wrap Type.',
  },
  'encoding-option': {
    reasons: [from(11, R.EncodingOptionError, ...getting, ...registering), always(R.InvalidField)],
    http: 400,
    text: 'The key cannot be wrapped, or unwrapped, with this Encoding Option.',
  },
  'wrapping-object-not-found': {
    reasons: [old(R.ItemNotFound), from(20, R.WrappingObjectNotFound, ...getting), always(R.InvalidField)],
    http: 404,
    text: 'There is no such wrapping key, or the principal may not see it.',
  },
  'wrapping-object-destroyed': {
    reasons: [old(R.ItemNotFound), from(20, R.WrappingObjectDestroyed, ...getting), always(R.InvalidField)],
    http: 410,
    text: 'The wrapping key has been destroyed.',
  },
  'key-value-not-present': {
    reasons: [
      old(R.IllegalOperation, ...getting),
      from(12, R.KeyValueNotPresent, ...cryptographic, ...getting, 'DeriveKey', 'ReKey', 'ReKeyKeyPair'),
      always(R.PermissionDenied),
    ],
    http: 409,
    text: 'The server has the attributes of the object, but not its key value.',
  },
  'invalid-correlation-value': {
    reasons: [old(R.ItemNotFound), always(R.InvalidCorrelationValue)],
    http: 404,
    text: 'No operation in parts is under way with this Correlation Value.',
  },
  'crypto-failed': {
    reasons: [
      { reason: R.CryptographicFailure, only: [...cryptographic, 'Create', 'CreateKeyPair', 'ReKey', 'ReKeyKeyPair'] },
      { reason: R.CryptographicFailure, only: ['DeriveKey', 'Hash', 'RNGRetrieve', 'RNGSeed', 'CreateSplitKey'] },
      { reason: R.CryptographicFailure, only: ['JoinSplitKey'] },
      always(R.GeneralFailure),
    ],
    http: 422,
    text: 'The cryptographic operation failed; the answer is the same whatever the cause.',
  },
  'not-supported': {
    reasons: [always(R.OperationNotSupported)],
    http: 501,
    text: 'The server does not support the operation in this protocol version.',
  },
  'feature-not-supported': {
    reasons: [always(R.FeatureNotSupported)],
    http: 501,
    text: 'The server does not support a feature that the request asks for.',
  },
  sealed: {
    reasons: [always(R.GeneralFailure)],
    http: 503,
    text: 'The server is sealed: it has no key to open its store with.',
  },
  'store-unavailable': {
    reasons: [
      from(20, R.PrivateProtectionStorageUnavailable, 'CreateKeyPair', 'ReKeyKeyPair'),
      from(20, R.ProtectionStorageUnavailable, ...creating, 'ReKey', 'Certify', 'ReCertify'),
      always(R.GeneralFailure),
    ],
    http: 503,
    text: 'The database cannot be reached or does not answer in time.',
  },
  internal: {
    reasons: [from(20, R.InternalServerError), always(R.GeneralFailure)],
    http: 500,
    text: 'The server failed; the cause is in its log, beside the correlation value of the answer.',
  },
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
