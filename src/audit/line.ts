import type { AuditEntry } from './entry.ts';

/** Who writes: stands in every line, since each writer counts and chains its own lines. */
export interface WriterName {
  readonly node: string;
  readonly worker: number;
}

/** The part of a line that says what it is about. */
interface Subject extends Pick<AuditEntry, 'kind' | 'who' | 'from' | 'operation'> {
  readonly text: string;
}

/**
 * Makes lines of JSON by hand: 0.25 us instead of the 0.8 us of JSON.stringify for the same object. Every line is left
 * open, without `}` and line feed, so that its end can carry the chain.
 */
export class LineFormat {
  readonly #writer: string;
  #second = Number.NaN;
  #secondText = '';
  #millisecond = Number.NaN;
  #timeText = '';
  #last: Subject = { kind: 'outcome', who: undefined, from: '', operation: '', text: '' };

  constructor({ node, worker }: WriterName) {
    this.#writer = `,"node":${quoted(node)},"worker":${worker},"kind":"`;
  }

  entry(sequence: number, milliseconds: number, entry: AuditEntry): string {
    let line = this.#head(sequence, milliseconds) + this.#subject(entry);
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
    const line = `${this.#head(sequence, milliseconds)}opened","previous":"${previous}"`;
    return generation === undefined ? line : `${line},"generation":${generation}`;
  }

  /** Kind, who, from where, and what: mostly the same as in the line before. */
  #subject({ kind, who, from, operation }: AuditEntry): string {
    const last = this.#last;
    if (kind === last.kind && who === last.who && from === last.from && operation === last.operation) return last.text;
    const named = who === undefined ? '' : `,"who":${quoted(who)}`;
    const text = `${kind}"${named},"from":${quoted(from)},"operation":${quoted(operation)}`;
    this.#last = { kind, who, from, operation, text };
    return text;
  }

  /** Up to the value of `kind`. */
  #head(sequence: number, milliseconds: number): string {
    if (milliseconds !== this.#millisecond) {
      this.#millisecond = milliseconds;
      this.#timeText = `,"time":"${this.#time(milliseconds)}"${this.#writer}`;
    }
    return `{"seq":${sequence}${this.#timeText}`;
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
