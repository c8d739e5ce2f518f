import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { KmipError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ChainSigner } from './chain.ts';
import type { AuditEntry } from './entry.ts';
import { LineFormat, type WriterName } from './line.ts';
import { readTail } from './tail.ts';
import type { AuditWriter } from './writer.ts';

export interface FileAuditOptions extends WriterName {
  readonly directory: string;
  readonly sign: ChainSigner;
  /** The generation of the keyring whose key the signer has; absent where it has none. */
  readonly generation?: number | undefined;
  readonly log: Pick<Log, 'error' | 'info'>;
}

/**
 * The audit file of one worker, `audit-NODE-WORKER.jsonl`: JSON lines, appended to and never changed.
 *
 * The entries of one turn of the event loop are one `write(2)`. The last line of each write ends with `chain`, the
 * signer's value over the chain before and all bytes of the file since then, up to `,"chain"`. Lines are numbered by
 * `seq` without gaps, across restarts and rotation: a gap says that entries were lost when the file could not be written.
 * A line that a crash tore stays, as a line of its own.
 */
export class FileAuditWriter implements AuditWriter {
  readonly #path: string;
  readonly #sign: ChainSigner;
  readonly #generation: number | undefined;
  readonly #log: FileAuditOptions['log'];
  readonly #format: LineFormat;
  #file: number;
  #sequence: number;
  #chain: string;
  /** Bytes in the file that the next link has to cover besides its own lines. */
  #unlinked: Buffer;
  /** Where what is to be written is encoded. */
  #bytes = Buffer.alloc(INITIAL_BYTES);
  /** What this turn appended, the last line still open. */
  #lines = '';
  #waiting: PromiseWithResolvers<void> | undefined;
  #failing = false;

  /** Opens the file, which is made if need be, and continues its chain. Throws the system's error when that is impossible. */
  constructor({ directory, sign, generation, log, node, worker }: FileAuditOptions) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#path = join(directory, `audit-${node.replaceAll(/[^\w.-]/g, '_')}-${worker}.jsonl`);
    this.#sign = sign;
    this.#generation = generation;
    this.#log = log;
    this.#format = new LineFormat({ node, worker });
    this.#file = open(this.#path);
    const { sequence, chain, rest } = readTail(this.#file);
    this.#sequence = sequence;
    this.#chain = chain;
    this.#unlinked = rest;
    this.#begin();
  }

  append(entry: AuditEntry): void {
    // Behind the promises that are ready by now: all that the requests of one turn append is one write, in this turn.
    if (this.#lines === '') process.nextTick(this.#flush);
    else this.#lines += '}\n';
    this.#lines += this.#format.entry(++this.#sequence, Date.now(), entry);
  }

  accepted(): Promise<void> {
    if (this.#lines === '') return settled;
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Goes on in a new file of the same name, after the old one was moved away. Throws as the constructor does. */
  reopen(): void {
    this.#flush();
    const file = open(this.#path);
    closeSync(this.#file);
    this.#file = file;
    this.#begin();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
    this.#file = CLOSED;
  }

  #begin(): void {
    this.#write(this.#format.opening(++this.#sequence, Date.now(), this.#chain, this.#generation));
  }

  readonly #flush = (): void => {
    if (this.#lines === '') return;
    const lines = this.#lines;
    const waiting = this.#waiting;
    this.#lines = '';
    this.#waiting = undefined;
    try {
      this.#write(lines);
      this.#recovered();
      waiting?.resolve();
    } catch (cause) {
      this.#failed(cause);
      waiting?.reject(new KmipError('internal', 'the audit file cannot be written', { cause }));
    }
  };

  #write(lines: string): void {
    const isLinked = this.#unlinked.length === 0;
    const body = this.#encode(isLinked ? lines : this.#afterUnlinked() + lines, 0);
    const own = this.#bytes.subarray(0, body);
    const chain = this.#sign(this.#chain, isLinked ? own : Buffer.concat([this.#unlinked, own]));
    this.#writeWhole(this.#encode(`,"chain":"${chain}"}\n`, body));
    this.#chain = chain;
    this.#unlinked = nothing;
  }

  /** Puts a text behind the first `start` bytes of what is to be written; answers where it ends. */
  #encode(text: string, start: number): number {
    const most = start + text.length * MOST_UTF8_BYTES;
    if (most > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes.subarray(0, start)], 2 * most);
    return start + this.#bytes.write(text, start);
  }

  /** A torn line is ended first, so that the next one can be read. */
  #afterUnlinked(): string {
    return this.#unlinked.at(-1) === LINE_FEED ? '' : '\n';
  }

  /** Writes the first `length` bytes. What reached the file before an error remains in it, and so in the chain. */
  #writeWhole(length: number): void {
    let written = 0;
    try {
      while (written < length) written += writeSync(this.#file, this.#bytes, written, length - written);
    } catch (error) {
      this.#unlinked = Buffer.concat([this.#unlinked, this.#bytes.subarray(0, written)]);
      throw error;
    }
  }

  #failed(error: unknown): void {
    if (!this.#failing) this.#log.error({ err: error }, 'the audit file cannot be written: operations fail');
    this.#failing = true;
  }

  #recovered(): void {
    if (this.#failing) this.#log.info({}, 'the audit file can be written again');
    this.#failing = false;
  }
}

const LINE_FEED = 0x0a;
const CLOSED = -1;
const INITIAL_BYTES = 16 * 1024;
/** What a UTF-16 unit takes at most. */
const MOST_UTF8_BYTES = 3;
const nothing = Buffer.alloc(0);
const settled = Promise.resolve();

function open(path: string): number {
  return openSync(path, 'a+', 0o600);
}
