import { Logger } from '@nestjs/common';

interface Outage {
  since: number;
  /** Who misses the server now. */
  links: Set<object>;
}

/**
 * One log line when a server goes away and one when it is back for everybody, however many connections of
 * this process it concerns.
 */
class RedisOutages {
  private readonly logger = new Logger('Redis');
  private readonly outages = new Map<string, Outage>();

  lost(server: string, link: object, reason: string): void {
    const outage = this.outages.get(server);
    if (outage) return void outage.links.add(link);
    this.outages.set(server, { since: Date.now(), links: new Set([link]) });
    this.logger.error(`${server} does not answer: ${reason}`);
  }

  restored(server: string, link: object): void {
    const since = this.forget(server, link);
    if (since !== undefined) {
      this.logger.log(`${server} answers again, after ${((Date.now() - since) / 1_000).toFixed(1)} s`);
    }
  }

  /** A link that closes waits for nothing any more. Gives when the outage began, where this was its last link. */
  forget(server: string, link: object): number | undefined {
    const outage = this.outages.get(server);
    if (!outage?.links.delete(link) || outage.links.size > 0) return undefined;
    this.outages.delete(server);
    return outage.since;
  }
}

export const redisOutages = new RedisOutages();
