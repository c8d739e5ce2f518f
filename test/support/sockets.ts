import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const opened: Socket[] = [];

/** Both ends of a connection: unlike the streams of one process, it copies what is written. */
export async function socketPair(): Promise<readonly [Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  const ours = connect({ port: address.port, host: '127.0.0.1', noDelay: true });
  const [theirs] = (await once(server, 'connection')) as [Socket];
  server.close();
  opened.push(ours, theirs);
  return [ours, theirs];
}

/** Ends all of them. */
export function destroySockets(): void {
  for (const socket of opened.splice(0)) socket.destroy();
}
