import { fstatSync, readSync } from 'node:fs';

/** How an audit file ends. */
export interface Tail {
  /** The highest sequence number in the file; 0 if there is none. */
  readonly sequence: number;
  /** The last link of the chain; empty if there is none. */
  readonly chain: string;
  /** What follows the last link: lines that a crash left without one, perhaps a torn one. */
  readonly rest: Buffer;
}

const FIRST_LOOK = 65_536;
const linked = /^\{"seq":(\d+),.*,"chain":"([\w-]+)"\}\n/gm;
const numbered = /^\{"seq":(\d+),/gm;

/** Reads as much of the end of a file as holds a link of the chain. */
export function readTail(file: number): Tail {
  const { size } = fstatSync(file);
  for (let length = FIRST_LOOK; ; length *= 8) {
    const bytes = readFrom(file, Math.max(0, size - length));
    // latin1: a character a byte, whatever a torn line holds.
    const text = bytes.toString('latin1');
    const last = [...text.matchAll(linked)].at(-1);
    if (last === undefined && length < size) continue;
    const rest = bytes.subarray(last === undefined ? 0 : last.index + last[0].length);
    const sequences = [...text.matchAll(numbered)].map((match) => Number(match[1]));
    return { sequence: sequences.at(-1) ?? 0, chain: last?.[2] ?? '', rest };
  }
}

function readFrom(file: number, position: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(file).size - position);
  const length = readSync(file, bytes, 0, bytes.length, position);
  return bytes.subarray(0, length);
}
