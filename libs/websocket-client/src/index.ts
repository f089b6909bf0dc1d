export {
  WebSocketClientModule,
  type WebSocketClientAsyncOptions,
  type WebSocketClientOptions,
} from './websocket-client.module.js';
export { WebSocketClientService } from './websocket-client.service.js';
export type { Notifications } from './notification-results.js';
export type * from './types.js';
export type { ConnectionStats, GatewayHealth, GatewayStats, NodeStats } from '@lib/events';
