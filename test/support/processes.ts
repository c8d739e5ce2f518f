import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import type { TestServer } from './server.ts';

// What the kernel tells of processes, on Linux.

/** The primary of the server and its workers: processes that were started with its data folder. */
export function processesOf(server: TestServer): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => belongsTo(pid, server));
}

function belongsTo(pid: number, server: TestServer): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
    return /server\.ts|\0serve\0/.test(command) && environment.includes(`KMS_ROOT_DIR=${server.folder}/`);
  } catch {
    return false;
  }
}

const CHUNK = 8 * 1024 * 1024;
const LONGEST = 256;

/** The names of those values that are somewhere in the memory that the process can write to. */
export function inMemory(pid: number, values: Readonly<Record<string, Buffer>>): readonly string[] {
  const found = new Set<string>();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const chunk = Buffer.alloc(CHUNK);
  try {
    for (const [start, end] of writable(pid)) {
      for (let at = start; at < end; at += CHUNK - LONGEST) {
        const length = read(memory, chunk, at, Math.min(CHUNK, end - at));
        const bytes = chunk.subarray(0, length);
        for (const [name, value] of Object.entries(values)) if (bytes.includes(value)) found.add(name);
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found].sort();
}

/** Ranges of addresses. */
function writable(pid: number): readonly (readonly [number, number])[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      return start === undefined || end === undefined
        ? []
        : [[Number.parseInt(start, 16), Number.parseInt(end, 16)] as const];
    });
}

/** Pages that cannot be read count as empty. */
function read(memory: number, chunk: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, chunk, 0, length, at);
  } catch {
    return 0;
  }
}
