import { type Command, Option } from 'commander';
import { type Flags, isFileIn, loadSettings, settingNames, textOf } from '../config/load.ts';
import { type Setting, type Settings, settingsTable } from '../config/settings.ts';

/** Gives a command an option for every setting. */
export function addSettings(command: Command): Command {
  for (const name of settingNames) {
    const row: Setting<unknown> = settingsTable[name];
    const option = new Option(`${row.flag} <value>`, `${row.meaning} ${kindOf(row)}; ${row.env}; ${defaultText(row)}`);
    command.addOption(option);
    // The option's value has the flag's name, which need not be the setting's.
    command.on(`option:${option.name()}`, (value: string) => command.setOptionValue(name, value));
  }
  return command;
}

/** The settings of a command that was given some of them as options. Throws SettingError. */
export function settingsOf(options: Flags): Settings {
  return loadSettings(options, process.env);
}

function kindOf({ kind }: Setting<unknown>): string {
  return `(${kind.describe}`;
}

function defaultText(row: Setting<unknown>): string {
  const text = isFileIn(row.default)
    ? `${row.default.file} in ${settingsTable[row.default.folder].flag}`
    : textOf(row.default as Settings[keyof Settings]);
  return `default: ${text})`;
}
