import { enumeration, required, structure } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

const role = required(Tag.EndpointRole, enumeration(enumInfo.EndpointRole));

/** Set Endpoint Role (KMIP 2.1, 6.1.54). */
export const setEndpointRoleRequest = structure({ endpointRole: role });

export const setEndpointRoleResponse = structure({ endpointRole: role });
