/** What values a setting takes, and how its text (of the environment or the command line) is read. */
export interface Kind<T> {
  /** For the table of settings and for error messages: "a whole number from 1 to 65535". */
  readonly describe: string;
  /** The value, or undefined where the text is none of this kind. */
  parse(text: string): T | undefined;
}

/** Any text that is not empty. */
export const text: Kind<string> = {
  describe: 'text',
  parse: (value) => (value === '' ? undefined : value),
};

/** The path of a file or folder. */
export const path: Kind<string> = { ...text, describe: 'a path' };

/** A whole number in decimal, both ends included. */
export function count(least: number, most: number): Kind<number> {
  return {
    describe: `a whole number from ${least} to ${most}`,
    parse(value) {
      const parsed = /^-?[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return parsed >= least && parsed <= most ? parsed : undefined;
    },
  };
}

/** One word of a list. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  return {
    describe: words.map((word) => `\`${word}\``).join(' or '),
    parse: (value) => words.find((word) => word === value),
  };
}

/** Some words of a list, separated by commas, each once; their order counts. */
export function someOf<const Word extends string>(...words: readonly Word[]): Kind<readonly Word[]> {
  return {
    describe: `some of ${words.map((word) => `\`${word}\``).join(', ')}, separated by commas`,
    parse(value) {
      const chosen = value.split(',').map((part) => words.find((word) => word === part.trim()));
      const known = chosen.filter((word) => word !== undefined);
      return known.length === chosen.length && new Set(known).size === known.length ? known : undefined;
    },
  };
}

/** A switch. */
export const onOff: Kind<boolean> = {
  describe: '`on` or `off`',
  parse: (value) => (value === 'on' ? true : value === 'off' ? false : undefined),
};
