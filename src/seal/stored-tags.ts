/**
 * The tags of what Kleis stores, authenticates or hashes by itself, in the range that KMIP leaves to extensions. None of
 * them is ever on the wire. TTLV makes these encodings unambiguous: type and length go before every value.
 */
export const StoredTag = {
  /** Additional data and authenticated rows. */
  Context: 0x540001,
  Installation: 0x540002,
  Generation: 0x540003,
  Role: 0x540004,
  Created: 0x540005,
  SealName: 0x540006,
  SealParameters: 0x540007,
  AdminToken: 0x540008,
  RecoveryParameters: 0x540009,
  RecoveryWrapped: 0x54000a,
  Wrapped: 0x54000b,
  Id: 0x540010,
  Revision: 0x540011,
  ObjectType: 0x540012,
  State: 0x540013,
  Owner: 0x540014,
  Attributes: 0x540015,
  MaterialDigest: 0x540016,
  GrantsDigest: 0x540017,
  Limited: 0x540018,
  Grants: 0x540020,
  UserId: 0x540021,
  Permissions: 0x540022,
  Chunk: 0x540030,
  Last: 0x540031,
} as const;
