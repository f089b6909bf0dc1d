import { nginxArguments, nginxProgram } from '../../../scripts/servers/nginx.js';
import { LocalProcess, temporaryFolder } from '../../infra/local-process.js';
import { serve } from '../../infra/server.js';
import { freePort, until } from '../../infra/until.js';
import { atEnd } from '../services/helpers/teardown.js';

/** nginx before two gateways, as `npm run start:cluster` and docker-compose.app.yml run it; returns its address. */
export async function startNginx(gateways: { a: string; b: string }): Promise<string> {
  const command = nginxProgram();
  const port = await freePort();
  const folder = await temporaryFolder('oms-nginx');
  const args = nginxArguments({ host: '127.0.0.1', port, gateways, folder });
  const runner = new LocalProcess({ command, args, folder, whenOrphaned: 'TERM' });
  const url = `http://127.0.0.1:${port}`;
  const ready = (): Promise<void> =>
    until('nginx answers', async () => {
      runner.assertRunning();
      return (await fetch(url).catch(() => undefined)) !== undefined;
    });
  const server = await serve({ env: {}, runner, ready, endWith: 'SIGTERM' });
  atEnd(() => server.stop());
  return url;
}
