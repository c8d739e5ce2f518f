import type { Buffer } from 'node:buffer';
import { Tag } from '../../ttlv/tables/tags.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import type { Writer } from '../../ttlv/writer.ts';
import { responseHeader } from './message.ts';
import { type ProtocolVersion, toProtocolVersion } from './structures/protocol-version.ts';

/** What tells one response header from another. */
interface Header {
  readonly version: Version;
  /** Seconds since the epoch. */
  readonly timeStamp: number;
  readonly batchCount: number;
}

/** Writes response headers. Most answers of a second have the same one: it is encoded once, and copied. */
export class ResponseHeaders {
  #last: Header & { readonly bytes: Buffer | undefined } = {
    version: 10,
    timeStamp: 0,
    batchCount: 0,
    bytes: undefined,
  };

  write(writer: Writer, header: Header): void {
    const { version, timeStamp, batchCount } = header;
    const last = this.#last;
    if (last.timeStamp === timeStamp && last.version === version && last.batchCount === batchCount && last.bytes) {
      writer.writeEncoded(last.bytes);
      return;
    }
    const start = writer.length;
    writeHeader(writer, toProtocolVersion(version), header);
    this.#last = { version, timeStamp, batchCount, bytes: writer.finish(start) };
  }
}

/** `protocolVersion` is what the answer says, `version` what it follows. */
export function writeHeader(
  writer: Writer,
  protocolVersion: ProtocolVersion,
  { version, timeStamp, batchCount }: Header,
): void {
  const fields = { protocolVersion, timeStamp, attestationType: [], batchCount };
  responseHeader.write(writer, Tag.ResponseHeader, fields, version);
}
