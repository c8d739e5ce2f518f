// The health check of the container: whether the node answers on its HTTPS port. A sealed node is healthy, as a new start
// would not unseal it, but lose the shares that it has. Whether it is unsealed, balancers ask with /seal_status.
import { get } from 'node:https';

const port = process.env['KMS_PORT'] || '9998';
// It asks itself and sends nothing: whose the certificate is does not matter, nor for which name.
const asking = get({ host: '127.0.0.1', port, path: '/status', rejectUnauthorized: false, timeout: 5000 });
asking.on('response', ({ statusCode }) => end(statusCode === 200 ? undefined : `status ${statusCode}`));
asking.on('timeout', () => end('no answer'));
asking.on('error', ({ message }) => end(message));

/** @param {string | undefined} problem */
function end(problem) {
  if (problem !== undefined) console.log(problem);
  process.exit(problem === undefined ? 0 : 1);
}
