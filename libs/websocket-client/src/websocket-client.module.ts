import { HttpModule } from '@nestjs/axios';
import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { WebSocketClientService } from './websocket-client.service.js';

export interface WebSocketClientOptions {
  /** Base address of the API gateway, such as `http://localhost:3000`. */
  apiGatewayUrl: string;
  /** The secret that the gateway verifies tokens with. */
  jwtSecret: string;
  /** Names the calling service; the source of its events. */
  serviceName: string;
}

/** Imported as it is, it reads `API_GATEWAY_URL`, `JWT_SECRET` and `SERVICE_NAME` from the environment. */
@Module({
  imports: [ConfigModule, HttpModule],
  providers: [WebSocketClientService],
  exports: [WebSocketClientService],
})
export class WebSocketClientModule {
  /** Configured by values instead, and available in every module of the app. */
  static forRoot(options: WebSocketClientOptions): DynamicModule {
    const config = new ConfigService({
      API_GATEWAY_URL: options.apiGatewayUrl,
      JWT_SECRET: options.jwtSecret,
      SERVICE_NAME: options.serviceName,
    });
    return {
      module: WebSocketClientModule,
      global: true,
      imports: [HttpModule],
      providers: [{ provide: ConfigService, useValue: config }, WebSocketClientService],
      exports: [WebSocketClientService],
    };
  }
}
