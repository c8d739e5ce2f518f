import { Buffer } from 'node:buffer';
import { endianness } from 'node:os';
import type * as Pkcs11 from 'pkcs11js';
import { publicRandom } from './random.ts';
import type { Secret } from './secret.ts';

/** A key on a PKCS#11 token, and how to reach it. */
export interface Pkcs11Options {
  /** Path of the token's library (`libsofthsm2.so`). */
  readonly library: string;
  /** Label of the token. */
  readonly token: string;
  /** Number of the slot that the token is in, in the place of its label. */
  readonly slot?: number;
  readonly pin: Secret;
  /** Label of an AES key on the token that may encrypt and decrypt. */
  readonly key: string;
}

/** The token is away, does not let in, or has no such key: the message says which, in an operator's words. */
export class Pkcs11Error extends Error {
  override readonly name = 'Pkcs11Error';
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What tokens answer to a ciphertext that is not authentic: SoftHSM 2 the first. */
const notAuthentic = [
  'CKR_GENERAL_ERROR',
  'CKR_ENCRYPTED_DATA_INVALID',
  'CKR_ENCRYPTED_DATA_LEN_RANGE',
  'CKR_DATA_INVALID',
];

/** A session that is logged in. */
interface Login {
  readonly pkcs11: typeof Pkcs11;
  readonly library: Pkcs11.PKCS11;
  readonly session: Pkcs11.Handle;
}

/** What each use of the key works with. */
interface Session extends Login {
  readonly key: Pkcs11.Handle;
}

/**
 * An AES key that never leaves a PKCS#11 token, used in mode CKM_AES_GCM (PKCS#11 2.40, 2.11.6). Each call opens a session
 * of its own and logs in where that is needed, so that sessions that the token has lost do not matter. The calls block:
 * they are for keys of keys, not for data.
 */
export class Pkcs11Token {
  readonly #options: Pkcs11Options;
  #library: Pkcs11.PKCS11 | undefined;

  constructor(options: Pkcs11Options) {
    this.#options = options;
  }

  /** Nonce (12), ciphertext, tag (16). Throws Pkcs11Error. */
  async encrypt(plaintext: Buffer, additionalData: Buffer): Promise<Buffer> {
    const nonce = publicRandom(NONCE_BYTES);
    return this.#use(({ pkcs11, library, session, key }) => {
      library.C_EncryptInit(session, mechanism(pkcs11, nonce, additionalData), key);
      const room = Buffer.alloc(plaintext.length + TAG_BYTES);
      return Buffer.concat([nonce, library.C_Encrypt(session, plaintext, room)]);
    });
  }

  /** The plaintext; undefined where the bytes are not those of `encrypt`. Throws Pkcs11Error. */
  async decrypt(encrypted: Buffer, additionalData: Buffer): Promise<Buffer | undefined> {
    if (encrypted.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const nonce = encrypted.subarray(0, NONCE_BYTES);
    return this.#use(({ pkcs11, library, session, key }) => {
      library.C_DecryptInit(session, mechanism(pkcs11, nonce, additionalData), key);
      try {
        return library.C_Decrypt(session, encrypted.subarray(NONCE_BYTES), Buffer.alloc(encrypted.length));
      } catch (error) {
        if (notAuthentic.includes(messageOf(error))) return undefined;
        throw error;
      }
    });
  }

  /** Makes the key, 256 bits that never leave the token, unless there is one of that label. Throws Pkcs11Error. */
  makeKey(): Promise<void> {
    return this.#inSession(({ pkcs11, library, session }) => {
      const { key: label } = this.#options;
      if (findKeys(pkcs11, library, session, label).length > 0) return;
      library.C_GenerateKey(session, { mechanism: pkcs11.CKM_AES_KEY_GEN }, [
        { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
        { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
        { type: pkcs11.CKA_LABEL, value: label },
        { type: pkcs11.CKA_VALUE_LEN, value: 32 },
        { type: pkcs11.CKA_TOKEN, value: true },
        { type: pkcs11.CKA_PRIVATE, value: true },
        { type: pkcs11.CKA_SENSITIVE, value: true },
        { type: pkcs11.CKA_EXTRACTABLE, value: false },
        { type: pkcs11.CKA_ENCRYPT, value: true },
        { type: pkcs11.CKA_DECRYPT, value: true },
      ]);
    }, 'write');
  }

  /** Whether the key can leave the token in some way. Throws Pkcs11Error. */
  isExtractable(): Promise<boolean> {
    return this.#use(({ pkcs11, library, session, key }) => {
      const asked = [{ type: pkcs11.CKA_EXTRACTABLE }, { type: pkcs11.CKA_SENSITIVE }];
      const [extractable, sensitive] = library.C_GetAttributeValue(session, key, asked);
      return isSet(extractable) || !isSet(sensitive);
    });
  }

  /** Ends the library for the whole process. The next use begins it anew, and finds tokens that have come meanwhile. */
  shutDown(): void {
    const library = this.#library;
    if (library !== undefined) tolerating('CKR_CRYPTOKI_NOT_INITIALIZED', () => library.C_Finalize());
  }

  /** Runs the task in a session with the key. */
  #use<T>(task: (session: Session) => T): Promise<T> {
    return this.#inSession((login) => {
      const { pkcs11, library, session } = login;
      return task({ ...login, key: findKey(pkcs11, library, session, this.#options.key) });
    });
  }

  async #inSession<T>(task: (login: Login) => T, access: 'read' | 'write' = 'read'): Promise<T> {
    const pkcs11 = await load();
    try {
      const library = this.#open(pkcs11);
      const flags = pkcs11.CKF_SERIAL_SESSION | (access === 'write' ? pkcs11.CKF_RW_SESSION : 0);
      const session = library.C_OpenSession(this.#slot(library), flags);
      try {
        this.#logIn(pkcs11, library, session);
        return task({ pkcs11, library, session });
      } finally {
        library.C_CloseSession(session);
      }
    } catch (error) {
      if (error instanceof Pkcs11Error) throw error;
      const { token, slot } = this.#options;
      const which = slot === undefined ? token : `in slot ${slot}`;
      throw new Pkcs11Error(`the PKCS#11 token ${which} failed: ${messageOf(error)}`, { cause: error });
    }
  }

  /** The library, initialised. It stays so: others in the process may use it, too. */
  #open(pkcs11: typeof Pkcs11): Pkcs11.PKCS11 {
    if (this.#library === undefined) {
      const library = new pkcs11.PKCS11();
      library.load(this.#options.library);
      this.#library = library;
    }
    const library = this.#library;
    tolerating('CKR_CRYPTOKI_ALREADY_INITIALIZED', () => library.C_Initialize());
    return library;
  }

  #slot(library: Pkcs11.PKCS11): Pkcs11.Handle {
    const { token, slot: number } = this.#options;
    if (number !== undefined) return slotOf(number);
    const slot = library.C_GetSlotList(true).find((one) => library.C_GetTokenInfo(one).label.trimEnd() === token);
    if (slot !== undefined) return slot;
    throw new Pkcs11Error(`there is no PKCS#11 token with the label ${token}`);
  }

  #logIn(pkcs11: typeof Pkcs11, library: Pkcs11.PKCS11, session: Pkcs11.Handle): void {
    const pin = this.#options.pin.expose().toString();
    tolerating('CKR_USER_ALREADY_LOGGED_IN', () => library.C_Login(session, pkcs11.CKU_USER, pin));
  }
}

async function load(): Promise<typeof Pkcs11> {
  try {
    // A package in C++ that only those install who have a token.
    return (await import('pkcs11js')).default;
  } catch (cause) {
    throw new Pkcs11Error('the npm package pkcs11js is not installed, or was not built', { cause });
  }
}

function mechanism(pkcs11: typeof Pkcs11, iv: Buffer, aad: Buffer): Pkcs11.Mechanism {
  const parameter = { type: pkcs11.CK_PARAMS_AES_GCM, iv, aad, ivBits: iv.length * 8, tagBits: TAG_BYTES * 8 };
  return { mechanism: pkcs11.CKM_AES_GCM, parameter };
}

/** A slot's number as the package takes it: a CK_SLOT_ID, in the byte order of the machine. */
function slotOf(number: number): Pkcs11.Handle {
  const handle = Buffer.alloc(8);
  if (endianness() === 'LE') handle.writeBigUInt64LE(BigInt(number));
  else handle.writeBigUInt64BE(BigInt(number));
  return handle;
}

function isSet(attribute: Pkcs11.AttributeResult | undefined): boolean {
  return attribute !== undefined && Buffer.isBuffer(attribute.value) && attribute.value[0] === 1;
}

/** At most two. */
function findKeys(
  pkcs11: typeof Pkcs11,
  library: Pkcs11.PKCS11,
  session: Pkcs11.Handle,
  label: string,
): readonly Pkcs11.Handle[] {
  library.C_FindObjectsInit(session, [
    { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
    { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
    { type: pkcs11.CKA_LABEL, value: label },
  ]);
  const found = library.C_FindObjects(session, 2);
  library.C_FindObjectsFinal(session);
  return found;
}

function findKey(pkcs11: typeof Pkcs11, library: Pkcs11.PKCS11, session: Pkcs11.Handle, label: string): Pkcs11.Handle {
  const [key, another] = findKeys(pkcs11, library, session, label);
  if (key !== undefined && another === undefined) return key;
  throw new Pkcs11Error(
    `the PKCS#11 token has ${key === undefined ? 'no AES key' : 'several AES keys'} with the label ${label}`,
  );
}

function tolerating(code: string, task: () => void): void {
  try {
    task();
  } catch (error) {
    if (messageOf(error) !== code) throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
