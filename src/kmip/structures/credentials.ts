import {
  byteString,
  type Codec,
  dateTimeExtended,
  dependent,
  enumeration,
  optional,
  required,
  structure,
  type TypeOf,
  textString,
} from '../../../ttlv/structure.ts';
import { CredentialType, enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Nonce (KMIP 2.1, 9.14). */
export const nonce = structure({
  nonceId: required(Tag.NonceID, byteString),
  nonceValue: required(Tag.NonceValue, byteString),
});

/** Ticket (KMIP 2.1, 7.39). */
export const ticket = structure({
  ticketType: required(Tag.TicketType, enumeration(enumInfo.TicketType)),
  ticketValue: required(Tag.TicketValue, byteString),
});

const usernameAndPassword = structure({
  username: required(Tag.Username, textString),
  password: optional(Tag.Password, textString),
});

const device = structure({
  deviceSerialNumber: optional(Tag.DeviceSerialNumber, textString),
  password: optional(Tag.Password, textString),
  deviceIdentifier: optional(Tag.DeviceIdentifier, textString),
  networkIdentifier: optional(Tag.NetworkIdentifier, textString),
  machineIdentifier: optional(Tag.MachineIdentifier, textString),
  mediaIdentifier: optional(Tag.MediaIdentifier, textString),
});

const attestation = structure({
  nonce: required(Tag.Nonce, nonce),
  attestationType: required(Tag.AttestationType, enumeration(enumInfo.AttestationType)),
  attestationMeasurement: optional(Tag.AttestationMeasurement, byteString),
  attestationAssertion: optional(Tag.AttestationAssertion, byteString),
});

const oneTimePassword = structure({
  username: required(Tag.Username, textString),
  password: optional(Tag.Password, textString),
  oneTimePassword: required(Tag.OneTimePassword, textString),
});

/** Hashed Password = Hash(Hash(Username || Password) || Timestamp) || Hash(Password || Username). */
const hashedPassword = structure({
  username: required(Tag.Username, textString),
  timeStamp: required(Tag.TimeStamp, dateTimeExtended),
  hashingAlgorithm: optional(Tag.HashingAlgorithm, enumeration(enumInfo.HashingAlgorithm)),
  hashedPassword: required(Tag.HashedPassword, byteString),
});

const ticketCredential = structure({
  ticket: required(Tag.Ticket, ticket),
});

const credentialValues = {
  [CredentialType.UsernameAndPassword]: usernameAndPassword,
  [CredentialType.Device]: device,
  [CredentialType.Attestation]: attestation,
  [CredentialType.OneTimePassword]: oneTimePassword,
  [CredentialType.HashedPassword]: hashedPassword,
  [CredentialType.Ticket]: ticketCredential,
} as const;

/** A credential of one type. */
type CredentialOf<T extends CredentialType> = {
  readonly credentialType: T;
  readonly credentialValue: TypeOf<(typeof credentialValues)[T]>;
};

/** Credential (KMIP 2.1, 9.11): what the value is, is told by the type. */
export type Credential = { [T in CredentialType]: CredentialOf<T> }[CredentialType];

/** The codec of Credential. */
export const credential = structure({
  credentialType: required(Tag.CredentialType, enumeration(enumInfo.CredentialType)),
  credentialValue: dependent(
    Tag.CredentialValue,
    ({ credentialType }: { credentialType: CredentialType }): Codec<unknown> => credentialValues[credentialType],
  ),
}) as Codec<Credential>;
