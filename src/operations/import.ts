import { KeyWrapType, Operation, State } from '../../ttlv/tables/enums.ts';
import { KmipError } from '../errors.ts';
import { AttributeSet, type GivenAttribute } from '../kmip/attribute-set.ts';
import { type ImportRequest, importRequest, importResponse } from '../kmip/payloads/import.ts';
import { checkImported } from '../objects/attributes.ts';
import type { Put } from '../objects/changes.ts';
import { isDestroyed } from '../objects/lifecycle.ts';
import type { ManagedObject } from '../objects/object.ts';
import type { Context } from './context.ts';
import { Denied } from './denied.ts';
import { newObject } from './making.ts';
import { untargeted } from './operation.ts';
import { registrationFacts } from './registration.ts';
import { checkUniqueNames } from './unique-names.ts';
import { unwrapped } from './wrapping-key.ts';

/** Identifiers go to clients that keep them in short buffers: printable ASCII, below 128 characters. */
const identifierForm = /^[\x21-\x7e]{1,127}$/;

/**
 * Import (KMIP 2.1, 6.1.25): an object under an identifier that the client knows, with all attributes as it gives them,
 * those too that clients cannot set otherwise. With Replace Existing it takes the place of an object that is there.
 */
export const importObject = untargeted({
  name: 'Import',
  code: Operation.Import,
  since: 14,
  request: importRequest,
  response: importResponse,
  permission: 'Import',
  target: 'none',
  async run(context, request) {
    const { uniqueIdentifier: id } = request;
    if (!identifierForm.test(id)) {
      throw new KmipError('invalid-field', 'a Unique Identifier has 1 to 127 printable ASCII characters and no blank');
    }
    const existing = await replaced(context, request);
    const put = await imported(context, request, existing);
    return { payload: { uniqueIdentifier: id }, changes: { puts: [put] }, placeholder: id };
  },
});

/** The object whose place is taken. Throws `exists`. */
async function replaced(context: Context, request: ImportRequest): Promise<ManagedObject | undefined> {
  const existing = await context.taken(request.uniqueIdentifier);
  if (existing === undefined) return undefined;
  if (request.replaceExisting !== true) throw new KmipError('exists', EXISTS);
  if (!context.permits(existing, 'Import')) throw new Denied('exists', EXISTS);
  return existing;
}

const EXISTS = 'there is an object with this Unique Identifier';

async function imported(context: Context, request: ImportRequest, existing: ManagedObject | undefined): Promise<Put> {
  const type = request.objectType ?? request.object.type;
  const given = AttributeSet.of(request.attributes.filter(({ key }) => !ofTheRow.includes(key)));
  checkImported(given, type, context.version);
  await checkUniqueNames(context, given, [request.uniqueIdentifier]);
  const isPlain = request.keyWrapType === KeyWrapType.NotWrapped;
  const object = isPlain ? await unwrapped(context, request.object) : request.object;
  const { value, facts } = registrationFacts(type, object, given);
  const id = request.uniqueIdentifier;
  const made = newObject(context, {
    id,
    value,
    given: withoutFound(given, facts),
    facts,
    generated: false,
    imported: stateIn(request.attributes),
  });
  if (existing === undefined) return made;
  const { owner, grants, sequence } = existing;
  return { ...made, before: existing, after: { ...made.after, owner, grants, sequence } };
}

/** What the row has in fields of its own, and what the server finds in the material again. */
const ofTheRow: readonly string[] = ['UniqueIdentifier', 'ObjectType', 'State', 'Digest', 'KeyFormatType'];

/** Without the attributes that tell of the material, as those of a certificate do, and were found in it again. */
function withoutFound(given: AttributeSet, facts: readonly GivenAttribute[]): AttributeSet {
  return facts.reduce((attributes, { key }) => attributes.without(key), given);
}

/** The state that the object comes with. An object with material is not destroyed. */
function stateIn(attributes: readonly GivenAttribute[]): State {
  const state = attributes.find(({ key }) => key === 'State')?.value as State | undefined;
  if (state !== undefined && isDestroyed(state)) {
    throw new KmipError('invalid-attribute-value', 'an object with its material is not in a destroyed state');
  }
  return state ?? State.PreActive;
}
