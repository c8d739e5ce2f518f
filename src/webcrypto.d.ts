// @peculiar/x509 and age-encryption declare their API with the Web Crypto names of lib.dom. This gives them Node's
// meaning, so that the rest of the DOM (window, document, ...) stays unknown to the compiler.
import type { webcrypto } from 'node:crypto';

declare global {
  type Algorithm = webcrypto.Algorithm;
  type AlgorithmIdentifier = webcrypto.AlgorithmIdentifier;
  /** Of WebAuthn, which age-encryption can use in a browser. */
  interface AuthenticationExtensionsPRFValues {
    first: BufferSource;
    second?: BufferSource;
  }
  type BufferSource = NodeJS.BufferSource;
  type CryptoKeyPair = webcrypto.CryptoKeyPair;
  type EcdsaParams = webcrypto.EcdsaParams;
  type EcKeyGenParams = webcrypto.EcKeyGenParams;
  type EcKeyImportParams = webcrypto.EcKeyImportParams;
  type KeyUsage = webcrypto.KeyUsage;
  type RsaHashedImportParams = webcrypto.RsaHashedImportParams;
}
