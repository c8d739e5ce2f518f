import { Buffer } from 'node:buffer';
import { HashingAlgorithm } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';

/** A hashing algorithm of the standard that OpenSSL has. */
export interface HashRow {
  readonly algorithm: HashingAlgorithm;
  /** OpenSSL's name. */
  readonly name: string;
  /** Length of the digest in bytes. */
  readonly bytes: number;
  /** DigestInfo without the digest at its end (RFC 8017, 9.2). */
  readonly digestInfo: Buffer;
}

const row = (algorithm: HashingAlgorithm, name: string, bytes: number, identifier: string): HashRow => {
  // SEQUENCE { SEQUENCE { OBJECT IDENTIFIER, NULL }, OCTET STRING of `bytes` bytes }
  const oid = Buffer.from(identifier, 'hex');
  const inner = Buffer.concat([Buffer.from([0x30, oid.length + 4, 0x06, oid.length]), oid, Buffer.from([0x05, 0x00])]);
  const head = Buffer.from([0x30, inner.length + 2 + bytes]);
  const digestInfo = Buffer.concat([head, inner, Buffer.from([0x04, bytes])]);
  return { algorithm, name, bytes, digestInfo };
};

const H = HashingAlgorithm;

/** The identifiers are the contents of the object identifiers of RFC 8017 (B.1) and of NIST's 2.16.840.1.101.3.4.2. */
const rows: readonly HashRow[] = [
  row(H.MD5, 'md5', 16, '2a864886f70d0205'),
  row(H.SHA_1, 'sha1', 20, '2b0e03021a'),
  row(H.SHA_224, 'sha224', 28, '608648016503040204'),
  row(H.SHA_256, 'sha256', 32, '608648016503040201'),
  row(H.SHA_384, 'sha384', 48, '608648016503040202'),
  row(H.SHA_512, 'sha512', 64, '608648016503040203'),
  row(H.SHA_512_224, 'sha512-224', 28, '608648016503040205'),
  row(H.SHA_512_256, 'sha512-256', 32, '608648016503040206'),
  row(H.SHA3_224, 'sha3-224', 28, '608648016503040207'),
  row(H.SHA3_256, 'sha3-256', 32, '608648016503040208'),
  row(H.SHA3_384, 'sha3-384', 48, '608648016503040209'),
  row(H.SHA3_512, 'sha3-512', 64, '60864801650304020a'),
  row(H.RIPEMD_160, 'ripemd160', 20, '2b24030201'),
];

const byAlgorithm = new Map(rows.map((one) => [one.algorithm, one]));

/** The row of a hashing algorithm; `unsupported-parameters` where OpenSSL has none (MD2, Tiger, ...). */
export function hashOf(algorithm: HashingAlgorithm): HashRow {
  const found = byAlgorithm.get(algorithm);
  if (found === undefined) throw new KmipError('unsupported-parameters', 'the Hashing Algorithm is not supported');
  return found;
}
