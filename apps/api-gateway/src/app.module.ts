import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from '@lib/auth';
import { embeddedState, RealtimeModule, SqliteJournal } from '@lib/realtime';
import { join } from 'node:path';
import type { GatewayConfig } from './config.js';
import { OmsContract } from './contracts/oms/oms.contract.js';
import { OmsModule } from './contracts/oms/oms.module.js';
import { IngressModule } from './ingress/ingress.module.js';

@Module({})
export class AppModule {
  static forRoot(config: GatewayConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthModule.forRoot({ secret: config.JWT_SECRET, expiresIn: config.JWT_EXPIRES_IN }),
        RealtimeModule.forRoot({
          journal: new SqliteJournal({ path: join(config.DATA_DIR, 'journal.sqlite'), sync: config.JOURNAL_SYNC }),
          state: embeddedState(join(config.DATA_DIR, 'state.sqlite')),
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
        IngressModule,
        OmsModule,
      ],
    };
  }
}
