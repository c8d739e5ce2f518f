import { Writer } from '../../ttlv/writer.ts';
import { StoredTag } from './stored-tags.ts';

const writer = new Writer();

/** The bytes that `write` puts into one structure: additional data that binds a ciphertext to its place. */
export function context(write: (writer: Writer) => void): Buffer {
  writer.reset();
  const start = writer.begin(StoredTag.Context);
  write(writer);
  writer.end(start);
  return writer.finish();
}
