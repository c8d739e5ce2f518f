#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// In a checkout, TypeScript is turned into JavaScript as it is loaded. What was turned once is kept, also for the
// workers: each of them is 40 MiB smaller then and starts in half the time.
if (import.meta.filename.endsWith('.ts')) {
  process.env['NODE_COMPILE_CACHE'] ||= join(import.meta.dirname, '../node_modules/.cache/kleis');
  enableCompileCache(process.env['NODE_COMPILE_CACHE']);
}

const { run } = await import('./cli/program.ts');
await run();
