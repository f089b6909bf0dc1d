import { RealtimeAdapter } from '@lib/realtime';
import { createService, listen } from '@lib/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { GatewayConfig } from './config.js';
import { proxyServices } from './proxy/proxy.js';

/** Starts a gateway in this process; it is listening when the promise resolves. */
export async function startGateway(config: GatewayConfig): Promise<NestFastifyApplication> {
  const app = await createService('api-gateway', config, AppModule.forRoot(config));
  app.enableCors({ origin: config.CORS_ORIGIN, credentials: true });
  app.useWebSocketAdapter(new RealtimeAdapter(app, { origins: config.CORS_ORIGIN }));
  await proxyServices(app, config);
  await listen(app, 'PORT', config.HOST, config.PORT);
  return app;
}
