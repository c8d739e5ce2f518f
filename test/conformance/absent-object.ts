import type { XmlNode } from '../../ttlv/xml.ts';
import { childValue, descendants, type Exchange, elements, type TestCase } from './cases.ts';
import { foundObjects } from './families.ts';

/** Attributes that the server sets when an object is created. */
const ofTheServer: ReadonlySet<string | undefined> = new Set([
  'UniqueIdentifier',
  'ShortUniqueIdentifier',
  'ObjectType',
  'State',
  'Digest',
  'KeyFormatType',
  'InitialDate',
  'LastChangeDate',
  'LeaseTime',
  'Fresh',
  'AlwaysSensitive',
  'NeverExtractable',
  'ProtectionStorageMask',
  'OriginalCreationDate',
  'RandomNumberGenerator',
]);

/**
 * A case that finds a key which a case that is not among the files has created, but shows all its attributes: the same
 * case with a Create of such a key before it. Undefined if it does not show them.
 */
export function withAbsentObject(testCase: TestCase): TestCase | undefined {
  const [id, ...others] = foundObjects(testCase);
  if (id === undefined || others.length > 0) return undefined;
  const got = payloadOf(testCase, 'Get', id)?.children ?? [];
  const attributes = attributesOf(payloadOf(testCase, 'GetAttributes', id));
  const [header] = testCase.exchanges.map(({ answer }) => elements(answer, 'ResponseHeader')[0]);
  if (header === undefined || got.length < 3 || attributes.length < 2) return undefined;
  const isModern = testCase.version >= 20;
  const payload = [got[0], element(isModern ? 'Attributes' : 'TemplateAttribute', attributes)];
  const create: Exchange = {
    request: message('Request', header, [element('RequestPayload', payload)]),
    answer: message('Response', header, [success, element('ResponsePayload', [got[0], got[1]])]),
  };
  return { ...testCase, exchanges: [create, ...testCase.exchanges] };
}

/** The Response Payload of the first successful operation of that name on the object. */
function payloadOf({ exchanges }: TestCase, operation: string, id: string): XmlNode | undefined {
  const items = exchanges.flatMap(({ answer }) => elements(answer, 'BatchItem'));
  return items
    .filter((item) => childValue(item, 'Operation') === operation)
    .flatMap((item) => elements(item, 'ResponsePayload'))
    .find((payload) => childValue(payload, 'UniqueIdentifier') === id);
}

function attributesOf(payload: XmlNode | undefined): readonly XmlNode[] {
  const [attributes] = payload === undefined ? [] : elements(payload, 'Attributes');
  const shown = attributes?.children ?? (payload === undefined ? [] : elements(payload, 'Attribute'));
  return shown.filter((attribute) => !ofTheServer.has(attributeName(attribute)));
}

function attributeName(attribute: XmlNode): string {
  const name = attribute.name === 'Attribute' ? (childValue(attribute, 'AttributeName') ?? '') : attribute.name;
  return name.replaceAll(' ', '');
}

function message(kind: 'Request' | 'Response', like: XmlNode, rest: readonly XmlNode[]): XmlNode {
  const fields = [...descendants(like)].filter(
    ({ name }) => name === 'ProtocolVersion' || (kind === 'Response' && name === 'TimeStamp'),
  );
  const header = element(`${kind}Header`, [...fields, leaf('BatchCount', 'Integer', '1')]);
  return element(`${kind}Message`, [
    header,
    element('BatchItem', [leaf('Operation', 'Enumeration', 'Create'), ...rest]),
  ]);
}

function element(name: string, children: readonly (XmlNode | undefined)[]): XmlNode {
  return { name, attrs: {}, children: children.filter((child) => child !== undefined), text: '', before: '' };
}

function leaf(name: string, type: string, value: string): XmlNode {
  return { ...element(name, []), attrs: { type, value } };
}

const success = leaf('ResultStatus', 'Enumeration', 'Success');
