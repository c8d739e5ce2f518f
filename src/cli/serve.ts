import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Flags } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import type { SealStatus } from '../seal/control.ts';
import { addSettings, settingsOf } from './options.ts';

/** `kleis serve` */
export function serveCommand(): Command {
  return addSettings(new Command('serve'))
    .description('serve KMIP until SIGTERM; SIGHUP has the certificates read again')
    .action(async (flags: Flags) => {
      const settings = settingsOf(flags);
      const { serve } = await import('../primary.ts');
      await serve(settings, (status) => console.log(greeting(settings, status)));
    });
}

/** One line: where clients connect, and what to try; or what is missing. */
function greeting(settings: Settings, status: SealStatus): string {
  const { hostname, kmipPort } = settings;
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  if (status.state !== 'unsealed') return `Kleis is sealed on ${host}:${kmipPort}: ${status.reason}. Try: kleis unseal`;
  return `Kleis serves KMIP on ${host}:${kmipPort}. Try: ${suggestion(settings)}`;
}

/** With the development certificates at hand, a client's first key; else a look at the server's certificate. */
function suggestion({ certsDir, caFile, hostname, kmipPort }: Settings): string {
  const configuration = join(certsDir, 'pykmip.conf');
  if (!existsSync(configuration)) {
    const host = hostname.includes(':') ? `[${hostname}]` : hostname;
    return `openssl s_client -connect ${host}:${kmipPort} -CAfile '${caFile}' </dev/null`;
  }
  const create = 'c.create(enums.CryptographicAlgorithm.AES, 256)';
  const client = `ProxyKmipClient(config_file='${configuration}')`;
  return `python3 -c "from kmip import enums; from kmip.pie.client import ProxyKmipClient; c = ${client}; c.open(); print(${create})"`;
}
