import { join } from 'node:path';
import type { FileIn, Setting, SettingName, Settings } from './settings.ts';
import { settingsTable } from './settings.ts';

/** A setting has a value that it cannot have; the message names where it was set, and what is possible. */
class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** Texts of the command line, by setting. */
export type Flags = Partial<Readonly<Record<SettingName, string>>>;

/** The names of all settings, in the order of the table. */
export const settingNames = Object.keys(settingsTable) as readonly SettingName[];

/**
 * The settings of a process: the command line beats the environment, which beats the defaults. An empty variable counts
 * as none. Throws SettingError for the first value that is impossible, alone or beside another one.
 */
export function loadSettings(flags: Flags, environment: Readonly<Record<string, string | undefined>>): Settings {
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of settingNames) {
    const row: Setting<unknown> = settingsTable[name];
    values[name] = given(row, flags[name], environment[row.env]) ?? defaultOf(row, values);
  }
  const settings = values as Settings;
  requireLoopback(settings);
  return settings;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

function requireLoopback({ authentication, hostname }: Settings): void {
  if (authentication || loopback.test(hostname)) return;
  const { authentication: off, hostname: where } = settingsTable;
  throw new SettingError(`with ${off.env}=off, ${where.env} must be a loopback address, not "${hostname}"`);
}

/** The environment in which `loadSettings` without flags gives these settings again: for a child process. */
export function environmentOf(settings: Settings): Record<string, string> {
  return Object.fromEntries(settingNames.map((name) => [settingsTable[name].env, textOf(settings[name])]));
}

/** A value as the environment and the command line write it. */
export function textOf(value: Settings[SettingName]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}

function given(row: Setting<unknown>, flag: string | undefined, variable: string | undefined): unknown {
  if (flag !== undefined) return parse(row, row.flag, flag);
  return variable === undefined || variable === '' ? undefined : parse(row, row.env, variable);
}

function parse(row: Setting<unknown>, origin: string, value: string): unknown {
  const parsed = row.kind.parse(value);
  if (parsed !== undefined) return parsed;
  throw new SettingError(`${origin} must be ${row.kind.describe}${row.secret ? '' : `, not "${value}"`}`);
}

function defaultOf(row: Setting<unknown>, earlier: Partial<Record<SettingName, unknown>>): unknown {
  return isFileIn(row.default) ? join(String(earlier[row.default.folder]), row.default.file) : row.default;
}

/** Whether a default is a file in a folder that is a setting. */
export function isFileIn(value: unknown): value is FileIn {
  return typeof value === 'object' && value !== null && 'folder' in value;
}
