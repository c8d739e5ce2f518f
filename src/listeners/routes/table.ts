import { grantAccess, listAccess, revokeAccess } from '../../operations/admin/access.ts';
import { backup } from '../../operations/admin/backup.ts';
import { cancel } from '../../operations/admin/cancel.ts';
import { giveShares } from '../../operations/admin/give-shares.ts';
import { migrateSeal } from '../../operations/admin/migrate-seal.ts';
import { rekey } from '../../operations/admin/rekey.ts';
import { replaceToken } from '../../operations/admin/replace-token.ts';
import { rotateRoot } from '../../operations/admin/rotate-root.ts';
import { seal } from '../../operations/admin/seal.ts';
import { status } from '../../operations/admin/status.ts';
import { unseal } from '../../operations/admin/unseal.ts';
import { verify } from '../../operations/admin/verify.ts';
import { type Route, route } from './route.ts';

/** "I'm a teapot" (RFC 2324): what health checks of this kind of server know a sealed node by. */
const TEAPOT = 418;

/** Every route there is. */
export const routes: readonly Route[] = [
  route({ methods: ['GET', 'POST'], path: '/status', operation: status, status: 200 }),
  route({
    methods: ['GET', 'POST'],
    path: '/seal_status',
    operation: status,
    status: 200,
    exception: { status: TEAPOT, when: ({ state, reason }) => state !== 'unsealed' || reason !== undefined },
  }),
  route({
    methods: ['POST'],
    path: '/unseal',
    operation: unseal,
    status: 200,
    exception: { status: 400, when: ({ refused }) => refused !== undefined },
  }),
  route({ methods: ['POST'], path: '/seal', query: ['all'], operation: seal, status: 204 }),
  route({ methods: ['POST'], path: '/rekey', operation: rekey, status: 200 }),
  route({ methods: ['POST'], path: '/rotate-root', operation: rotateRoot, status: 200 }),
  route({ methods: ['POST'], path: '/migrate', operation: migrateSeal, status: 200 }),
  route({
    methods: ['POST'],
    path: '/operations/:nonce/shares',
    operation: giveShares,
    status: 200,
    exception: { status: 400, when: ({ refused }) => refused.length > 0 },
  }),
  route({ methods: ['DELETE'], path: '/operations/:nonce', operation: cancel, status: 204 }),
  route({
    methods: ['POST'],
    path: '/admin-token',
    query: ['nonce'],
    operation: replaceToken,
    status: 200,
    exception: { status: 400, when: ({ refused }) => refused.length > 0 },
  }),
  route({ methods: ['GET'], path: '/access', query: ['object'], operation: listAccess, status: 200 }),
  route({ methods: ['POST'], path: '/access/grant', operation: grantAccess, status: 200 }),
  route({ methods: ['POST'], path: '/access/revoke', operation: revokeAccess, status: 200 }),
  route({ methods: ['POST'], path: '/backup', operation: backup, status: 200 }),
  route({ methods: ['POST'], path: '/verify', operation: verify, status: 200 }),
];
