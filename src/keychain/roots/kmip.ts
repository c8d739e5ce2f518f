import { Buffer } from 'node:buffer';
import { connect, type TLSSocket } from 'node:tls';
import { Budget } from '../../../ttlv/budget.ts';
import { Framer } from '../../../ttlv/framer.ts';
import { Reader } from '../../../ttlv/reader.ts';
import {
  byteString,
  type Codec,
  enumeration,
  optional,
  repeated,
  required,
  structure,
  type TypeOf,
  textString,
} from '../../../ttlv/structure.ts';
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  enumInfo,
  Operation,
  ResultReason,
  ResultStatus,
} from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import type { Version } from '../../../ttlv/tables/versions.ts';
import { Writer } from '../../../ttlv/writer.ts';
import { publicRandom } from '../../crypto/random.ts';
import { requestHeader, responseHeader } from '../../kmip/message.ts';
import { decryptRequest, decryptResponse } from '../../kmip/payloads/decrypt.ts';
import { encryptRequest, encryptResponse } from '../../kmip/payloads/encrypt.ts';
import { toProtocolVersion } from '../../kmip/structures/protocol-version.ts';
import { KeyChainError } from '../error.ts';
import type { Root } from '../root.ts';

/** A key on a KMIP server, and how to reach it. */
export interface KmipOptions {
  readonly host: string;
  /** 5696 by default. */
  readonly port?: number;
  /** PEM of the authority of the server's certificate. */
  readonly ca: string;
  /** PEM of the client's certificate and its private key. */
  readonly certificate: string;
  readonly privateKey: string;
  /** Unique Identifier of an AES key that the client may use for Encrypt and Decrypt. */
  readonly uniqueIdentifier: string;
  /** Keys that sealed the chain before, and may still open it. */
  readonly formerIdentifiers?: readonly string[];
}

/** The first version with additional data, which more servers speak than 2.x. */
const VERSION: Version = 14;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Milliseconds for connecting, and for the answer. */
const TIMEOUT = 10_000;
const MOST_ANSWER = 64 * 1024;

const gcm = {
  blockCipherMode: BlockCipherMode.GCM,
  cryptographicAlgorithm: CryptographicAlgorithm.AES,
  tagLength: TAG_BYTES,
};

/**
 * A key on a KMIP server, Kleis or another one, which never leaves it: Encrypt and Decrypt with AES-GCM (KMIP 1.4), over a
 * connection for each call. The wrapped key: length of the Unique Identifier (1), the Unique Identifier (UTF-8), nonce (12),
 * ciphertext (32), tag (16); additional data: the chain's context.
 */
export class KmipRoot implements Root {
  readonly name = 'kmip';
  readonly #options: KmipOptions;
  readonly #id: Buffer;
  readonly #allowed: readonly string[];

  constructor(options: KmipOptions) {
    const { uniqueIdentifier, formerIdentifiers = [] } = options;
    this.#options = options;
    this.#id = Buffer.from(uniqueIdentifier);
    this.#allowed = [uniqueIdentifier, ...formerIdentifiers];
    if (this.#id.length >= 1 && this.#id.length <= 255) return;
    throw new KeyChainError('invalid-option', 'the Unique Identifier must have 1 to 255 bytes');
  }

  async wrap(key: Buffer, context: Buffer): Promise<Buffer> {
    const nonce = publicRandom(NONCE_BYTES);
    const { data, authenticatedEncryptionTag: tag } = await this.#call(encrypt, {
      uniqueIdentifier: this.#options.uniqueIdentifier,
      cryptographicParameters: gcm,
      data: key,
      ivCounterNonce: nonce,
      authenticatedEncryptionAdditionalData: context,
    });
    if (data?.length !== key.length || tag?.length !== TAG_BYTES) throw unavailable('gave no AES-GCM ciphertext');
    return Buffer.concat([Buffer.from([this.#id.length]), this.#id, nonce, data, tag]);
  }

  async unwrap(wrapped: Buffer, context: Buffer): Promise<Buffer> {
    const nonceAt = 1 + (wrapped[0] ?? 0);
    const uniqueIdentifier = wrapped.toString('utf8', 1, nonceAt);
    // Else a key of somebody who can write the store would do.
    if (!this.#allowed.includes(uniqueIdentifier) || wrapped.length < nonceAt + NONCE_BYTES + TAG_BYTES) {
      throw new KeyChainError('wrong-root', 'the chain was sealed by another key of a KMIP server');
    }
    const dataAt = nonceAt + NONCE_BYTES;
    const { data } = await this.#call(decrypt, {
      uniqueIdentifier,
      cryptographicParameters: gcm,
      data: wrapped.subarray(dataAt, -TAG_BYTES),
      ivCounterNonce: wrapped.subarray(nonceAt, dataAt),
      authenticatedEncryptionAdditionalData: context,
      authenticatedEncryptionTag: wrapped.subarray(-TAG_BYTES),
    });
    if (data === undefined) throw unavailable('gave no data');
    return Buffer.from(data);
  }

  async #call<Request, Response>(operation: Exchange<Request, Response>, payload: Request): Promise<Response> {
    try {
      return operation.read(await exchange(this.#options, operation.write(payload)));
    } catch (cause) {
      if (cause instanceof KeyChainError) throw cause;
      throw unavailable(`does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    }
  }
}

/** A request of one batch item, and its answer. */
class Exchange<Request, Response> {
  readonly #operation: number;
  readonly #request: Codec<Request>;
  readonly #response: Codec<{ items: readonly TypeOf<ReturnType<typeof answerOf<Response>>>[] }>;

  constructor(operation: number, request: Codec<Request>, response: Codec<Response>) {
    this.#operation = operation;
    this.#request = request;
    this.#response = structure({
      header: required(Tag.ResponseHeader, responseHeader),
      items: repeated(Tag.BatchItem, answerOf(response), { min: 1 }),
    });
  }

  write(payload: Request): Buffer {
    const writer = new Writer();
    const message = writer.begin(Tag.RequestMessage);
    const header = { protocolVersion: toProtocolVersion(VERSION), attestationType: [], batchCount: 1 };
    requestHeader.write(writer, Tag.RequestHeader, header, VERSION);
    const item = writer.begin(Tag.BatchItem);
    writer.writeEnumeration(Tag.Operation, this.#operation);
    this.#request.write(writer, Tag.RequestPayload, payload, VERSION);
    writer.end(item);
    writer.end(message);
    return writer.finish();
  }

  /** @throws KeyChainError `wrong-root` where the server says that the cryptography failed; `root-unavailable` */
  read(message: Buffer): Response {
    const reader = new Reader(message, new Budget());
    reader.next();
    const [item] = this.#response.read(reader, VERSION).items;
    if (item?.resultStatus === ResultStatus.Success && item.responsePayload !== undefined) return item.responsePayload;
    if (item?.resultReason === ResultReason.CryptographicFailure) {
      throw new KeyChainError(
        'wrong-root',
        'the key of the KMIP server does not open the chain: the chain was changed',
      );
    }
    const reason = enumInfo.ResultReason.byCode.get(item?.resultReason ?? 0)?.text ?? 'no reason';
    throw unavailable(`refuses: ${reason}`);
  }
}

function answerOf<Response>(response: Codec<Response>) {
  return structure({
    operation: optional(Tag.Operation, enumeration(enumInfo.Operation)),
    resultStatus: required(Tag.ResultStatus, enumeration(enumInfo.ResultStatus)),
    resultReason: optional(Tag.ResultReason, enumeration(enumInfo.ResultReason)),
    resultMessage: optional(Tag.ResultMessage, textString),
    asynchronousCorrelationValue: optional(Tag.AsynchronousCorrelationValue, byteString),
    responsePayload: optional(Tag.ResponsePayload, response),
  });
}

const encrypt = new Exchange(Operation.Encrypt, encryptRequest, encryptResponse);
const decrypt = new Exchange(Operation.Decrypt, decryptRequest, decryptResponse);

/** Sends one request over a connection of its own, and gives the answer. */
async function exchange(
  { host, port = 5696, ca, certificate, privateKey }: KmipOptions,
  request: Buffer,
): Promise<Buffer> {
  const socket = connect({ host, port, ca, cert: certificate, key: privateKey, timeout: TIMEOUT });
  socket.once('timeout', () => socket.destroy(new Error('it takes too long')));
  try {
    socket.write(request);
    return await answerFrom(socket);
  } finally {
    socket.destroy();
  }
}

async function answerFrom(socket: TLSSocket): Promise<Buffer> {
  const framer = new Framer(Tag.ResponseMessage, MOST_ANSWER);
  for await (const chunk of socket) {
    framer.push(chunk);
    const answer = framer.next();
    if (answer !== undefined) return answer;
  }
  throw new Error('it closed the connection');
}

function unavailable(how: string, cause?: unknown): KeyChainError {
  return new KeyChainError('root-unavailable', `the KMIP server ${how}`, { cause });
}
