import { Logger } from '@nestjs/common';
import type { RedisLink } from './redis-link.js';

/** Says once what of the server's settings would break the promise that nothing acknowledged is lost. */
export function warnOfUnsafeSettings(link: RedisLink): void {
  const logger = new Logger('Redis');
  let asked = false;
  const ask = async (): Promise<void> => {
    if (asked) return;
    asked = true;
    const info = await link.run((client) => client.info());
    const value = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    if (Number.parseInt(value('redis_version') ?? '7', 10) < 7)
      logger.error('Redis is too old: it must be 7.0 or later');
    if (value('aof_enabled') === '0') logger.warn('appendonly is off: when Redis ends, acknowledged events are lost');
    const policy = value('maxmemory_policy') ?? 'noeviction';
    if (policy !== 'noeviction')
      logger.warn(`maxmemory-policy is ${policy}: with noeviction, Redis would never drop events`);
  };
  link.onReady(() => void ask().catch(() => (asked = false)));
}
