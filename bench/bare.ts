// A bare TLS server, the practical limit: it answers each framed request with the bytes given, and does nothing else.
//   node bench/bare.ts CERTS_FOLDER PORT RESPONSE_IN_HEX
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { onMessage } from './stream.ts';

const [folder = '', port = '', response = ''] = process.argv.slice(2);
const answer = Buffer.from(response, 'hex');
const read = (name: string) => readFileSync(join(folder, name));

const options = { ca: read('ca.pem'), cert: read('server.pem'), key: read('server.key'), requestCert: true };
const server = createServer(options, (socket) => {
  onMessage(socket, () => socket.write(answer));
  socket.on('error', () => socket.destroy());
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
