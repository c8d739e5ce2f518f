import { Buffer } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { KeyChainError } from './error.ts';
import type { OpenChain } from './sealed-chain.ts';

/*
 * What a store keeps. Numbers are big-endian.
 *
 *   4    'K' 'L' 'R' and the version, 1
 *   8    how many encryptions under the primary key have been reserved
 *   32   HMAC-SHA256 of the twelve bytes above and the sealed chain, under a key derived from the primary key
 *   s    the sealed chain
 *
 * The counter is outside of the seal, so that reserving encryptions does not call the root.
 */
const MAGIC = Buffer.from('KLR\x01', 'latin1');
const COUNTER_END = MAGIC.length + 8;
const MAC_END = COUNTER_END + 32;

/** The record of a chain of whose primary key `reserved` encryptions are spoken for. */
export function writeRecord(chain: OpenChain, reserved: number): Buffer {
  const head = Buffer.alloc(COUNTER_END);
  MAGIC.copy(head);
  head.writeBigUInt64BE(BigInt(reserved), MAGIC.length);
  return Buffer.concat([head, mac(chain, head), chain.sealed]);
}

/** The sealed chain of a record. Throws KeyChainError `damaged-chain` if the bytes are no record. */
export function sealedOf(record: Buffer): Buffer {
  if (record.length > MAC_END && record.subarray(0, MAGIC.length).equals(MAGIC)) return record.subarray(MAC_END);
  throw new KeyChainError('damaged-chain', 'the store holds something else than a chain, or one of a newer version');
}

/** The counter of the record of this chain. Throws KeyChainError `damaged-chain` if it was changed. */
export function reservedOf(chain: OpenChain, record: Buffer): number {
  const head = record.subarray(0, COUNTER_END);
  if (timingSafeEqual(mac(chain, head), record.subarray(COUNTER_END, MAC_END))) {
    return Number(head.readBigUInt64BE(MAGIC.length));
  }
  throw new KeyChainError('damaged-chain', 'the usage counter of the stored chain was changed');
}

function mac({ primary, sealed }: OpenChain, head: Buffer): Buffer {
  return createHmac('sha256', primary.counter).update(head).update(sealed).digest();
}
