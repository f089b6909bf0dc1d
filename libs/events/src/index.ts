export { AUDIENCE_KINDS, isAudience, narrow, type Audience, type AudienceKind } from './audience.js';
export { CATALOGUE, EVENT_TYPES, isEventType, type EventData, type EventType } from './catalogue.js';
export { ERRORS, OmsError, type ErrorBody, type ErrorCode, type FieldError, type OmsErrorOptions } from './errors.js';
export {
  digest,
  fingerprint,
  parseEvent,
  type CanonicalEvent,
  type EventDefaults,
  type EventInput,
  type EventOf,
} from './event.js';
export { isShallowJson, MAX_JSON_DEPTH, type Json } from './json.js';
export * from './oms/notification.dto.js';
export { ClientMessage, DisconnectDto, UnsubscribeDto, UserIdParam, UsersOnlineQuery } from './oms/request.dto.js';
export type * from './oms/socket-events.js';
export type { ConnectionStats, GatewayHealth, GatewayStats, NodeStats } from './oms/status.js';
export { isRefusedForGood, type EventPublisher, type PublishFailure } from './publisher.js';
export { stockAlert, type StockChange } from './stock-alert.js';
