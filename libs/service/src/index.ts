export { BackgroundWork } from './background.js';
export {
  baseEnv,
  DEVELOPMENT_JWT_SECRET,
  EnvironmentError,
  exitMisconfigured,
  flag,
  list,
  port,
  readEnv,
  readEnvOrExit,
} from './env.js';
export type { BaseEnv } from './env.js';
export { HttpExceptionFilter, toOmsError } from './http-exception.filter.js';
export { fromCents, IsPrice, toCents } from './money.js';
export { PageQuery, type Page } from './page.js';
export { BODY_LIMIT, createService, listen, run } from './service.js';
export { IdPipe, IsText } from './text.js';
export { readCertificate, readTls, tlsEnv, type Tls, type TlsEnv } from './tls.js';
export { validationPipe } from './validation.js';
export { spanSeconds, type Span } from './span.js';
