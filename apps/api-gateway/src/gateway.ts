import { RealtimeAdapter } from '@lib/realtime';
import { createService, listen, readTls } from '@lib/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { GatewayConfig } from './config.js';
import { proxyServices } from './proxy/proxy.js';

/** Starts a gateway in this process; it is listening when the promise resolves. */
export async function startGateway(config: GatewayConfig): Promise<NestFastifyApplication> {
  // Before the module, which opens the journal.
  const tls = readTls(config);
  const app = await createService('api-gateway', config, AppModule.forRoot(config), tls);
  app.enableCors({
    origin: config.CORS_ORIGIN,
    credentials: true,
    // The services behind the proxy also change and remove things; left out, these would be GET, HEAD and POST.
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    // An OPTIONS request that is no preflight is answered like one, and not with a text of the plugin's own.
    strictPreflight: false,
  });
  app.useWebSocketAdapter(new RealtimeAdapter(app, { origins: config.CORS_ORIGIN, nodeName: config.NODE_NAME }));
  await proxyServices(app, config);
  await listen(app, 'PORT', config.HOST, config.PORT);
  return app;
}
