import { protocolRooms } from './rooms/protocol.ts';
import type { Room } from './rooms/room.ts';
import { serverRooms } from './rooms/server.ts';
import { serviceRooms } from './rooms/services.ts';

/**
 * The rooms of the house and the arrows between them, from its bottom to its top. A later row that names a file takes it out
 * of an earlier one's folder. `npm run rooms` writes them into biome.rooms.json.
 */
export const rooms: readonly Room[] = [...protocolRooms, ...serviceRooms, ...serverRooms];
