import { Buffer } from 'node:buffer';
import type { Budget } from '../../ttlv/budget.ts';
import type { Reader } from '../../ttlv/reader.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { type RequestHeader, requestHeader } from './message.ts';

interface Known {
  readonly version: Version;
  readonly bytes: Buffer;
  /** Items inside it. */
  readonly items: number;
  readonly header: RequestHeader;
}

/** Reads request headers. Clients mostly repeat theirs byte for byte: it is decoded once while it stays the same. */
export class RequestHeaders {
  #last: Known | undefined;

  /** The header that the reader has come to. Throws what its codec throws. */
  read(reader: Reader, budget: Budget, version: Version): RequestHeader {
    const last = this.#last;
    if (last?.version === version && last.items <= budget.items && reader.isSame(last.bytes)) {
      budget.items -= last.items;
      return last.header;
    }
    const bytes = reader.encoded();
    const before = budget.items;
    const header = requestHeader.read(reader, version);
    // What is in a credential is not kept.
    if (header.authentication === undefined) {
      this.#last = { version, bytes: Buffer.from(bytes), items: before - budget.items, header };
    }
    return header;
  }
}
