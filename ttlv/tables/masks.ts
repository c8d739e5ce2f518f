// Made by scripts/make-tables.ts from the registry of the standard; do not edit.

import { enumTable, maskTable } from './table.ts';
import { versions } from './versions.ts';

export const CryptographicUsageMask = {
  Sign: 1,
  Verify: 2,
  Encrypt: 4,
  Decrypt: 8,
  WrapKey: 16,
  UnwrapKey: 32,
  Export: 64,
  MACGenerate: 128,
  MACVerify: 256,
  DeriveKey: 512,
  ContentCommitment: 1024,
  KeyAgreement: 2048,
  CertificateSign: 4096,
  CRLSign: 8192,
  GenerateCryptogram: 16384,
  ValidateCryptogram: 32768,
  TranslateEncrypt: 65536,
  TranslateDecrypt: 131072,
  TranslateWrap: 262144,
  TranslateUnwrap: 524288,
  Authenticate: 1048576,
  Unrestricted: 2097152,
  FPEEncrypt: 4194304,
  FPEDecrypt: 8388608,
} as const;
export type CryptographicUsageMask = (typeof CryptographicUsageMask)[keyof typeof CryptographicUsageMask];

export const StorageStatusMask = {
  OnLineStorage: 1,
  ArchivalStorage: 2,
  DestroyedStorage: 4,
} as const;
export type StorageStatusMask = (typeof StorageStatusMask)[keyof typeof StorageStatusMask];

export const ProtectionStorageMask = {
  Software: 1,
  Hardware: 2,
  OnProcessor: 4,
  OnSystem: 8,
  OffSystem: 16,
  Hypervisor: 32,
  OperatingSystem: 64,
  Container: 128,
  OnPremises: 256,
  OffPremises: 512,
  SelfManaged: 1024,
  Outsourced: 2048,
  Validated: 4096,
  SameJurisdiction: 8192,
} as const;
export type ProtectionStorageMask = (typeof ProtectionStorageMask)[keyof typeof ProtectionStorageMask];

/** The look-up tables of every mask. */
export const maskInfo = {
  CryptographicUsageMask: maskTable(
    enumTable<CryptographicUsageMask>(
      'CryptographicUsageMask',
      CryptographicUsageMask,
      [
        ['Sign', 'Sign', 10],
        ['Verify', 'Verify', 10],
        ['Encrypt', 'Encrypt', 10],
        ['Decrypt', 'Decrypt', 10],
        ['WrapKey', 'Wrap Key', 10],
        ['UnwrapKey', 'Unwrap Key', 10],
        ['Export', 'Export', 10, 14],
        ['MACGenerate', 'MAC Generate', 10],
        ['MACVerify', 'MAC Verify', 10],
        ['DeriveKey', 'Derive Key', 10],
        ['ContentCommitment', 'Content Commitment', 10, 14],
        ['KeyAgreement', 'Key Agreement', 10],
        ['CertificateSign', 'Certificate Sign', 10],
        ['CRLSign', 'CRL Sign', 10],
        ['GenerateCryptogram', 'Generate Cryptogram', 10, 14],
        ['ValidateCryptogram', 'Validate Cryptogram', 10, 14],
        ['TranslateEncrypt', 'Translate Encrypt', 10, 14],
        ['TranslateDecrypt', 'Translate Decrypt', 10, 14],
        ['TranslateWrap', 'Translate Wrap', 10, 14],
        ['TranslateUnwrap', 'Translate Unwrap', 10, 14],
        ['Authenticate', 'Authenticate', 20],
        ['Unrestricted', 'Unrestricted', 20],
        ['FPEEncrypt', 'FPE Encrypt', 20],
        ['FPEDecrypt', 'FPE Decrypt', 20],
      ],
      {
        ContentCommitmentNonRepudiation: CryptographicUsageMask.ContentCommitment,
      },
    ),
    versions,
  ),
  StorageStatusMask: maskTable(
    enumTable<StorageStatusMask>('StorageStatusMask', StorageStatusMask, [
      ['OnLineStorage', 'On-line storage', 10],
      ['ArchivalStorage', 'Archival storage', 10],
      ['DestroyedStorage', 'Destroyed storage', 20],
    ]),
    versions,
  ),
  ProtectionStorageMask: maskTable(
    enumTable<ProtectionStorageMask>('ProtectionStorageMask', ProtectionStorageMask, [
      ['Software', 'Software', 20],
      ['Hardware', 'Hardware', 20],
      ['OnProcessor', 'On Processor', 20],
      ['OnSystem', 'On System', 20],
      ['OffSystem', 'Off System', 20],
      ['Hypervisor', 'Hypervisor', 20],
      ['OperatingSystem', 'Operating System', 20],
      ['Container', 'Container', 20],
      ['OnPremises', 'On Premises', 20],
      ['OffPremises', 'Off Premises', 20],
      ['SelfManaged', 'Self Managed', 20],
      ['Outsourced', 'Outsourced', 20],
      ['Validated', 'Validated', 20],
      ['SameJurisdiction', 'Same Jurisdiction', 20],
    ]),
    versions,
  ),
} as const;
