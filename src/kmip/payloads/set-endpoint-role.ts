import { enumeration, required, structure, type TypeOf } from '../../../ttlv/structure.ts';
import { enumInfo } from '../../../ttlv/tables/enums.ts';
import { Tag } from '../../../ttlv/tables/tags.ts';

/** Set Endpoint Role (KMIP 2.1, 6.1.54). */
export const setEndpointRoleRequest = structure({
  endpointRole: required(Tag.EndpointRole, enumeration(enumInfo.EndpointRole)),
});
export type SetEndpointRoleRequest = TypeOf<typeof setEndpointRoleRequest>;

export const setEndpointRoleResponse = setEndpointRoleRequest;
export type SetEndpointRoleResponse = TypeOf<typeof setEndpointRoleResponse>;
