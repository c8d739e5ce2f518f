/*
 * A small case in the form of the published ones, for the tests of the runner: a key that the server makes, one that the
 * client registers, a refusal, a search, a batch, and what the server tells of itself.
 */

const leaf = (name: string, type: string, value: string): string => `<${name} type="${type}" value="${value}"/>`;
const text = (name: string, value: string): string => leaf(name, 'TextString', value);
const choice = (name: string, value: string): string => leaf(name, 'Enumeration', value);
const around = (name: string, ...content: readonly string[]): string => `<${name}>${content.join('')}</${name}>`;
const id = (number: number): string => text('UniqueIdentifier', `$UNIQUE_IDENTIFIER_${number}`);
const ask = (...names: readonly string[]): string => names.map((name) => text('AttributeName', name)).join('');

const attribute = (name: string, type: string, value: string): string =>
  around('Attribute', text('AttributeName', name), leaf('AttributeValue', type, value));

const nameAttribute = (value: string, index = ''): string => {
  const parts = [text('NameValue', value), choice('NameType', 'UninterpretedTextString')];
  return around('Attribute', text('AttributeName', 'Name'), index, around('AttributeValue', ...parts));
};

const version = around(
  'ProtocolVersion',
  leaf('ProtocolVersionMajor', 'Integer', '1'),
  leaf('ProtocolVersionMinor', 'Integer', '2'),
);

interface ItemText {
  readonly operation: string;
  readonly request: string;
  /** The payload of the answer, or the reason of a failure. */
  readonly answer: string | { readonly reason: string };
  readonly batchId?: string;
}

/** A request of several batch items and its answer. */
function batch(...items: readonly ItemText[]): string {
  const count = leaf('BatchCount', 'Integer', String(items.length));
  const time = leaf('TimeStamp', 'DateTime', '2012-04-27T08:14:35+00:00');
  return [
    around('RequestMessage', around('RequestHeader', version, count), ...items.map(requestItem)),
    around('ResponseMessage', around('ResponseHeader', version, time, count), ...items.map(answerItem)),
  ].join('\n');
}

/** A request of one batch item and its answer. */
export const single = (operation: string, request: string, answer: ItemText['answer']): string =>
  batch({ operation, request, answer });

const batchId = (item: ItemText): string =>
  item.batchId === undefined ? '' : leaf('UniqueBatchItemID', 'ByteString', item.batchId);

const requestItem = (item: ItemText): string =>
  around('BatchItem', choice('Operation', item.operation), batchId(item), around('RequestPayload', item.request));

function answerItem(item: ItemText): string {
  const head = choice('Operation', item.operation) + batchId(item);
  if (typeof item.answer === 'string') {
    return around('BatchItem', head, choice('ResultStatus', 'Success'), around('ResponsePayload', item.answer));
  }
  const failure = [choice('ResultStatus', 'OperationFailed'), choice('ResultReason', item.answer.reason)];
  return around('BatchItem', head, ...failure, text('ResultMessage', 'DENIED'));
}

const symmetricKey = (material: string): string =>
  around(
    'SymmetricKey',
    around(
      'KeyBlock',
      choice('KeyFormatType', 'Raw'),
      around('KeyValue', leaf('KeyMaterial', 'ByteString', material)),
      choice('CryptographicAlgorithm', 'AES'),
      leaf('CryptographicLength', 'Integer', '128'),
    ),
  );

const template = (...attributes: readonly string[]): string => around('TemplateAttribute', ...attributes);
const type = choice('ObjectType', 'SymmetricKey');
const mask = attribute('Cryptographic   Usage   Mask', 'Integer', 'Encrypt   Decrypt');
const moment = (name: string): string => attribute(name, 'DateTime', '2012-04-27T08:14:35+00:00');
const given = attribute('Activation Date', 'DateTime', '$NOW-3600');
const made = '000102030405060708090a0b0c0d0e0f';
const registered = '0123456789abcdef0123456789abcdef';

/** The steps of the case by name, in their order. */
export const sampleSteps = {
  create: single('Create', type + template(nameAttribute('first'), nameAttribute('second'), mask), type + id(0)),
  state: single(
    'GetAttributes',
    id(0) + ask('State', 'Activation Date'),
    id(0) + attribute('State', 'Enumeration', 'PreActive'),
  ),
  attributes: single(
    'GetAttributes',
    id(0),
    id(0) +
      nameAttribute('first') +
      nameAttribute('second', leaf('AttributeIndex', 'Integer', '1')) +
      mask +
      moment('Initial Date') +
      attribute('Lease Time', 'Interval', '3600'),
  ),
  list: single('GetAttributeList', id(0), id(0) + ask('Name', 'State', 'Initial   Date')),
  getMade: single('Get', id(0), type + id(0) + symmetricKey(made)),
  register: single('Register', type + template(mask, given) + symmetricKey(registered), id(1)),
  getRegistered: single('Get', id(1), type + id(1) + symmetricKey(registered)),
  date: single('GetAttributes', id(1) + ask('Activation Date'), id(1) + given),
  refuse: single('Destroy', id(1), { reason: 'PermissionDenied' }),
  locate: single('Locate', attribute('Object Type', 'Enumeration', 'SymmetricKey'), id(1) + id(0)),
  batch: batch(
    { operation: 'Locate', request: nameAttribute('first'), answer: id(0), batchId: '01' },
    { operation: 'Destroy', request: id(0), answer: id(0), batchId: '02' },
  ),
  query: single(
    'Query',
    choice('QueryFunction', 'QueryOperations') + choice('QueryFunction', 'QueryServerInformation'),
    choice('Operation', 'Create') + choice('Operation', 'Archive') + text('VendorIdentification', 'vendor'),
  ),
  versions: single('DiscoverVersions', '', version),
  createAndGet: batch(
    { operation: 'Create', request: type + template(mask), answer: type + id(2), batchId: '01' },
    { operation: 'Get', request: '', answer: type + id(2) + symmetricKey(made), batchId: '02' },
  ),
} as const;

/** The case as a file. */
export const sample = `<KMIP># TIME 0\n${Object.values(sampleSteps).join('\n# TIME 1\n')}</KMIP>`;
