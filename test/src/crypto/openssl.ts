import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs the command line tool; an argument that is a Buffer becomes the name of a file with those bytes. */
export function openssl(args: readonly (string | Buffer)[], input: Buffer = Buffer.alloc(0)): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'kleis-openssl-'));
  try {
    const names = args.map((arg, index) => {
      if (typeof arg === 'string') return arg;
      const name = join(folder, String(index));
      writeFileSync(name, arg);
      return name;
    });
    return execFileSync('openssl', names, { input, stdio: ['pipe', 'pipe', 'pipe'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
