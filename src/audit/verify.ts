import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type ChainSigner, hmacChain, plainChain } from './chain.ts';

/** Something that an audit file should not show. */
export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** The audit key of a generation of the keyring; undefined where there is no such generation any more. */
export type AuditKeys = (generation: number) => Promise<KeyObject | undefined>;

const numbered = /^\{"seq":(\d+),/;
const linked = /^(\{.*),"chain":"([\w-]+)"\}\n$/s;
const opened =
  /^\{"seq":\d+,"time":"[^"]*","node":"(?:[^"\\]|\\.)*","worker":\d+,"kind":"opened","previous":"([\w-]*)"(?:,"generation":(\d+))?,/;

/**
 * Checks the audit files of one writer, given in the order in which they were written: that no entry is missing, changed or
 * added. What it cannot see is that the newest entries were cut off.
 */
export class AuditVerifier {
  readonly findings: Finding[] = [];
  readonly #keys: AuditKeys;
  /** Numbered lines. */
  entries = 0;
  /** Of these, lines that only a chain without a key covers, since the node was sealed: whoever can write could forge them. */
  unkeyed = 0;
  #file = '';
  #line = 0;
  #sequence: number | undefined;
  #chain: string | undefined;
  #sign: ChainSigner | undefined = plainChain;
  #isKeyed = false;
  /** Lines since the last link, as latin1: a character a byte, whatever a torn line holds. */
  #written = '';
  #unlinked = 0;

  constructor(keys: AuditKeys) {
    this.#keys = keys;
  }

  /** Reads a file to its end. Rejects with the system's error. */
  async check(file: string): Promise<void> {
    this.#file = file;
    this.#line = 0;
    let rest = '';
    for await (const chunk of createReadStream(file, 'latin1')) {
      const lines = (rest + chunk).split(/(?<=\n)/);
      rest = lines.at(-1)?.endsWith('\n') ? '' : (lines.pop() ?? '');
      for (const line of lines) await this.#take(line);
    }
    if (rest !== '') await this.#take(rest);
    if (this.#unlinked > 0) this.#notVouched();
  }

  async #take(line: string): Promise<void> {
    this.#line += 1;
    const opening = opened.exec(line);
    if (opening !== null) await this.#open(opening[1] ?? '', opening[2]);
    this.#count(line);
    const [, body = line, link] = linked.exec(line) ?? [];
    this.#written += body;
    if (link === undefined) this.#unlinked += 1;
    else this.#link(link);
  }

  #count(line: string): void {
    const [, digits] = numbered.exec(line) ?? [];
    if (digits === undefined) {
      this.#find('the line is torn');
      return;
    }
    this.entries += 1;
    if (!this.#isKeyed) this.unkeyed += 1;
    const sequence = Number(digits);
    const expected = (this.#sequence ?? sequence - 1) + 1;
    if (sequence > expected) this.#find(`entries ${expected} to ${sequence - 1} are missing`);
    if (sequence < expected) this.#find(`the entry has number ${sequence}, where ${expected} is due`);
    this.#sequence = sequence;
  }

  /** A process, or a file after rotation, begins. Whatever has no link yet was not linked by who should have written it. */
  async #open(previous: string, generation: string | undefined): Promise<void> {
    if (this.#unlinked > 0) this.#notVouched();
    this.#chain ??= previous;
    if (this.#chain !== previous) this.#find('what was written before is missing or was changed');
    if (generation === undefined) {
      this.#sign = plainChain;
      this.#isKeyed = false;
      return;
    }
    const key = await this.#keys(Number(generation));
    this.#sign = key && hmacChain(key);
    if (!this.#isKeyed) this.unkeyed = 0;
    this.#isKeyed = true;
    if (key === undefined) this.#find(`generation ${generation} is not in the keyring: what follows cannot be checked`);
  }

  #link(link: string): void {
    const written = Buffer.from(this.#written, 'latin1');
    const expected = this.#sign?.(this.#chain ?? '', written);
    if (expected !== undefined && expected !== link) this.#find('what is written up to here was changed');
    this.#chain = link;
    this.#written = '';
    this.#unlinked = 0;
  }

  #notVouched(): void {
    this.#find(`${this.#unlinked} lines have no link: there was a crash, or somebody else has written them`);
    this.#unlinked = 0;
  }

  #find(text: string): void {
    this.findings.push({ file: this.#file, line: this.#line, text });
  }
}
