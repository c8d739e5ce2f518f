import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { accessCommand } from './access.ts';
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import { initCommand } from './init.ts';
import { keyringCommand } from './keyring.ts';
import { migrateCommand } from './migrate.ts';
import { restoreCommand } from './restore.ts';
import { adminTokenCommand, rekeyCommand, rotateRootCommand } from './root-operation.ts';
import { sealCommand } from './seal.ts';
import { serveCommand } from './serve.ts';
import { statusCommand } from './status.ts';
import { unsealCommand } from './unseal.ts';
import { verifyCommand } from './verify.ts';

/** Failures that are told in one line; anything else is a bug, and told with its stack. */
const told: ReadonlySet<string> = new Set([
  'SettingError',
  'SealError',
  'StartError',
  'SchemaError',
  'AddressError',
  'KmipError',
  'BackupError',
  'NotEmptyError',
]);

/** Runs the command that the process was given; a failure is told on standard error, with exit code 1. */
export async function run(): Promise<void> {
  const program = new Command('kleis')
    .description(packageJson.description)
    .version(packageJson.version)
    .enablePositionalOptions()
    .addCommand(initCommand())
    .addCommand(migrateCommand())
    .addCommand(serveCommand())
    .addCommand(statusCommand())
    .addCommand(unsealCommand())
    .addCommand(sealCommand())
    .addCommand(rekeyCommand())
    .addCommand(rotateRootCommand())
    .addCommand(adminTokenCommand())
    .addCommand(keyringCommand())
    .addCommand(accessCommand())
    .addCommand(auditCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addCommand(verifyCommand());
  try {
    await program.parseAsync();
  } catch (error) {
    const known = error instanceof Error && told.has(error.name);
    console.error(known ? `kleis: ${error.message}` : error);
    process.exitCode = 1;
  }
}
