import { anyItem, byteString, optional, required, structure, textString } from '../../../ttlv/structure.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';
import { anyCode } from '../structures/lenient.ts';

const call = {
  pkcs11Interface: optional(Tag.PKCS_11Interface, textString),
  /** An Enumeration: the place in CK_FUNCTION_LIST, from 1; an Integer for a vendor's function. */
  pkcs11Function: required(Tag.PKCS_11Function, anyItem),
  correlationValue: optional(Tag.CorrelationValue, byteString),
};

/** PKCS#11 (KMIP 2.1, 6.1.37). */
export const pkcs11Request = structure({
  ...call,
  pkcs11InputParameters: optional(Tag.PKCS_11InputParameters, byteString),
});

export const pkcs11Response = structure({
  ...call,
  pkcs11OutputParameters: optional(Tag.PKCS_11OutputParameters, byteString),
  pkcs11ReturnCode: required(Tag.PKCS_11ReturnCode, anyCode),
});
