import assert from 'node:assert/strict';
import { Command } from 'commander';
import { addSettings, settingsOf } from '../../../src/cli/options.ts';
import { settingNames, textOf } from '../../../src/config/load.ts';
import { settingsTable } from '../../../src/config/settings.ts';

describe('The options of commands', () => {
  it('set the settings that they are of', () => {
    const before = settingsOf({});
    for (const name of settingNames) {
      const { flag } = settingsTable[name];
      const value = textOf(before[name]);
      const other = { on: 'off', off: 'on' }[value] ?? (/^\d+$/.test(value) ? String(Number(value) + 1) : value);
      const command = addSettings(new Command()).parse([flag, other], { from: 'user' });
      assert.equal(command.opts()[name], other, flag);
    }
  });
});
