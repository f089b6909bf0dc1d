import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from '@lib/auth';
import { RealtimeModule } from '@lib/realtime';
import type { GatewayConfig } from './config.js';
import { OmsContract } from './contracts/oms/oms.contract.js';
import { OmsModule } from './contracts/oms/oms.module.js';
import { IngressModule } from './ingress/ingress.module.js';
import { RevocationModule } from './revocation.module.js';
import { openStorage } from './storage.js';

@Module({})
export class AppModule {
  static forRoot(config: GatewayConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthModule.forRoot({ secret: config.JWT_SECRET, expiresIn: config.JWT_EXPIRES_IN }),
        RealtimeModule.forRoot({
          ...openStorage(config),
          contracts: [OmsContract],
          limits: {
            maxMessageBytes: config.WS_MAX_MESSAGE_BYTES,
            pingInterval: config.WS_PING_INTERVAL,
            pingTimeout: config.WS_PING_TIMEOUT,
            upgradeTimeout: config.WS_UPGRADE_TIMEOUT,
            messagesPerMinute: config.WS_MESSAGES_PER_MINUTE,
            maxBufferedBytes: config.WS_MAX_BUFFERED_BYTES,
            maxReplay: config.WS_MAX_REPLAY,
            drainTime: config.DRAIN_TIME,
          },
        }),
        RevocationModule,
        IngressModule,
        OmsModule,
      ],
    };
  }
}
