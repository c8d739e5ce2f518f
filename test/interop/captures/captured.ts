import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { Budget } from '../../../ttlv/budget.ts';
import { type Item, ItemType } from '../../../ttlv/item.ts';
import { decodeItem } from '../../../ttlv/reader.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

const folder = env['KMIP_CAPTURES'] ?? join(import.meta.dirname, '../../../../shared/reference/captures');

/** The names of the captured requests, without `.hex`; undefined where they are not at hand. */
export function capturedNames(): readonly string[] | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((file) => file.endsWith('.hex'))
    .map((file) => file.slice(0, -'.hex'.length))
    .sort();
}

export function capturedBytes(name: string): Buffer {
  return Buffer.from(readFileSync(join(folder, `${name}.hex`), 'utf8').replaceAll(/\s/g, ''), 'hex');
}

/** A captured request in which `identifiers` stand for those that it was recorded with. */
export function captured(name: string, identifiers: Readonly<Record<string, string>> = {}): Item {
  return replaced(decodeItem(capturedBytes(name), new Budget()), identifiers);
}

function replaced(item: Item, identifiers: Readonly<Record<string, string>>): Item {
  if (item.type === ItemType.Structure) {
    return { ...item, value: item.value.map((child) => replaced(child, identifiers)) };
  }
  if (item.tag !== Tag.UniqueIdentifier || item.type !== ItemType.TextString) return item;
  return { ...item, value: identifiers[item.value] ?? item.value };
}
