import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { BaseEnv } from './env.js';

const LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'];

/** Who speaks of nothing but the framework's own start: a line for each module, class and route. */
const CHATTER: ReadonlySet<unknown> = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

/** Writes lines down to `LOG_LEVEL`, as JSON in production. What Nest says of its own start is shown from `debug` on. */
export class ServiceLogger extends ConsoleLogger {
  constructor(name: string, env: BaseEnv) {
    super(name, {
      logLevels: LEVELS.slice(0, LEVELS.indexOf(env.LOG_LEVEL) + 1),
      json: env.NODE_ENV === 'production',
    });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (CHATTER.has(rest.at(-1))) this.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}
