import type { AuditEntry } from './entry.ts';

/** Who writes: stands in every line, since each writer counts and chains its own lines. */
export interface WriterName {
  readonly node: string;
  readonly worker: number;
}

/**
 * Makes lines of JSON by hand: 0.25 us instead of the 0.8 us of JSON.stringify for the same object. Every line is left
 * open, without `}` and line feed, so that its end can carry the chain.
 */
export class LineFormat {
  readonly #writer: string;
  #second = Number.NaN;
  #secondText = '';
  #who: string | undefined;
  #from: string | undefined;
  #originText = '';

  constructor({ node, worker }: WriterName) {
    this.#writer = `,"node":${quoted(node)},"worker":${worker},"kind":"`;
  }

  entry(sequence: number, milliseconds: number, entry: AuditEntry): string {
    let line = `${this.#head(sequence, milliseconds, entry.kind)}${this.#origin(entry)}${quoted(entry.operation)}`;
    if (entry.object !== undefined) line += `,"object":${quoted(entry.object)}`;
    if (entry.result !== undefined) line += `,"result":"${entry.result}"`;
    if (entry.reason !== undefined) line += `,"reason":${quoted(entry.reason)}`;
    if (entry.durationMicroseconds !== undefined) line += `,"durationMicroseconds":${entry.durationMicroseconds}`;
    if (entry.correlation !== undefined) line += `,"correlation":${quoted(entry.correlation)}`;
    return line;
  }

  /**
   * The line with which a process, or a new file after rotation, begins: `previous` is the chain before it, `generation` the
   * one of the keyring whose key makes the chain from here on.
   */
  opening(sequence: number, milliseconds: number, previous: string, generation: number | undefined): string {
    const line = `${this.#head(sequence, milliseconds, 'opened')},"previous":"${previous}"`;
    return generation === undefined ? line : `${line},"generation":${generation}`;
  }

  /** Who and from where: mostly the same as in the line before. */
  #origin({ who, from }: AuditEntry): string {
    if (who !== this.#who || from !== this.#from) {
      this.#who = who;
      this.#from = from;
      const named = who === undefined ? '' : `,"who":${quoted(who)}`;
      this.#originText = `${named},"from":${quoted(from)},"operation":`;
    }
    return this.#originText;
  }

  #head(sequence: number, milliseconds: number, kind: string): string {
    return `{"seq":${sequence},"time":"${this.#time(milliseconds)}"${this.#writer}${kind}"`;
  }

  /** RFC 3339 with milliseconds, UTC. Only a new second is formatted anew. */
  #time(milliseconds: number): string {
    const second = Math.floor(milliseconds / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, -4);
    }
    return `${this.#secondText}${String(milliseconds - second * 1000).padStart(3, '0')}Z`;
  }
}

const plain = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}
