import { Buffer } from 'node:buffer';
import { Operation } from '../../ttlv/tables/enums.ts';
import { CryptographicUsageMask } from '../../ttlv/tables/masks.ts';
import type { Version } from '../../ttlv/tables/versions.ts';
import { whenReady } from '../awaitable.ts';
import { type Encrypted, Encryption, encrypt as encryptData } from '../crypto/cipher.ts';
import {
  type EncryptRequest,
  type EncryptResponse,
  encryptRequest,
  encryptResponse,
} from '../kmip/payloads/encrypt.ts';
import { spend, type UsableKey, usableKey } from './crypto-use.ts';
import { targeted } from './operation.ts';
import { isPart, nonEmpty, runPart } from './parts.ts';
import { requiredData } from './required-field.ts';
import type { Stream } from './streams.ts';

const purpose = { use: 'protect', mask: CryptographicUsageMask.Encrypt } as const;

/** Encrypt (KMIP 2.1, 6.1.17). Up to 1.3, which have no field for it, the tag of GCM is the end of the data. */
export const encrypt = targeted({
  name: 'Encrypt',
  code: Operation.Encrypt,
  since: 12,
  request: encryptRequest,
  response: encryptResponse,
  permission: 'Encrypt',
  target: 'one',
  run(context, request, object) {
    const { version } = context;
    if (isPart(request)) {
      const begin = (usable: UsableKey) => encryptionStream(usable, request, version);
      return runPart(context, object, request, { name: 'Encrypt', purpose, begin }).then((payload) => ({ payload }));
    }
    const data = requiredData(request.data);
    return whenReady(usableKey(context, object, request, purpose), ({ key, parameters }) => {
      const { ivCounterNonce: iv, authenticatedEncryptionAdditionalData: additionalData } = request;
      const encrypted = encryptData(key, { parameters, data, iv, additionalData });
      const spent = spend(context, object, purpose, { bytes: data.length, uses: 1 });
      return whenReady(spent, () => ({ payload: answer(object.id, encrypted, version) }));
    });
  },
});

function answer(uniqueIdentifier: string, encrypted: Encrypted, version: Version): EncryptResponse {
  const { data, iv: ivCounterNonce, tag } = joinedForVersion(encrypted, version);
  if (ivCounterNonce === undefined) {
    return tag === undefined ? { uniqueIdentifier, data } : { uniqueIdentifier, data, authenticatedEncryptionTag: tag };
  }
  return tag === undefined
    ? { uniqueIdentifier, data, ivCounterNonce }
    : { uniqueIdentifier, data, ivCounterNonce, authenticatedEncryptionTag: tag };
}

function joinedForVersion(encrypted: Encrypted, version: Version): Encrypted {
  const { data, iv, tag } = encrypted;
  return tag === undefined || hasTagField(version) ? encrypted : { data: Buffer.concat([data, tag]), iv };
}

function encryptionStream({ key, parameters }: UsableKey, request: EncryptRequest, version: Version): Stream {
  const { ivCounterNonce: iv, authenticatedEncryptionAdditionalData: additionalData } = request;
  const encryption = new Encryption(key, { parameters, iv, additionalData });
  const { madeIv } = encryption;
  return {
    opening: madeIv && { ivCounterNonce: madeIv },
    next({ data, isLast }) {
      const ready = encryption.update(data);
      if (!isLast) return nonEmpty(ready);
      const { data: rest, tag } = encryption.final();
      if (tag === undefined) return nonEmpty(ready, rest);
      return hasTagField(version)
        ? { ...nonEmpty(ready, rest), authenticatedEncryptionTag: tag }
        : nonEmpty(ready, rest, tag);
    },
  };
}

function hasTagField(version: Version): boolean {
  return version >= 14;
}
