import { HttpModule } from '@nestjs/axios';
import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata, type Provider } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { WebSocketClientService } from './websocket-client.service.js';

export interface WebSocketClientOptions {
  /** Base address of the API gateway, such as `http://localhost:3000`. */
  apiGatewayUrl: string;
  /** The secret that the gateway verifies tokens with. */
  jwtSecret: string;
  /** Names the calling service; the source of its events. */
  serviceName: string;
  /** Milliseconds that one call may take, its repetitions included. Default 5,000. */
  timeoutMs?: number;
  /** Events that `enqueue` keeps in memory at most. Default 10,000. */
  bufferSize?: number;
}

export interface WebSocketClientAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** What `useFactory` is given. */
  inject?: NonNullable<FactoryProvider['inject']>;
  useFactory: FactoryProvider<WebSocketClientOptions>['useFactory'];
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
    return configured({ provide: ConfigService, useValue: toConfig(options) });
  }

  /** The same where the values come from other providers. */
  static forRootAsync({ imports = [], inject = [], useFactory }: WebSocketClientAsyncOptions): DynamicModule {
    const config = {
      provide: ConfigService,
      inject,
      useFactory: async (...given: unknown[]) => toConfig(await useFactory(...given)),
    };
    return configured(config, imports);
  }
}

function configured(config: Provider, imports: NonNullable<ModuleMetadata['imports']> = []): DynamicModule {
  return {
    module: WebSocketClientModule,
    global: true,
    imports: [HttpModule, ...imports],
    providers: [config, WebSocketClientService],
    exports: [WebSocketClientService],
  };
}

function toConfig(options: WebSocketClientOptions): ConfigService {
  return new ConfigService({
    API_GATEWAY_URL: options.apiGatewayUrl,
    JWT_SECRET: options.jwtSecret,
    SERVICE_NAME: options.serviceName,
    API_GATEWAY_TIMEOUT: options.timeoutMs,
    API_GATEWAY_BUFFER: options.bufferSize,
  });
}
