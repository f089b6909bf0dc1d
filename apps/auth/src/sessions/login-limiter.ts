import { Injectable } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** Failures after which one address, from one network address, has to wait. */
const MAX_FAILURES = 10;
const WINDOW_SECONDS = 15 * 60;

/** Counts the failed logins of an e-mail address and an IP. In memory: each process has its own count. */
@Injectable()
export class LoginLimiter {
  private readonly failures = new RateLimiterMemory({ points: MAX_FAILURES, duration: WINDOW_SECONDS });

  /**
   * Throws {@link OmsError} `rate_limited` where there were too many failures. Ask before a password is checked, and
   * once more when it proved right: of a thousand guesses sent at once, those after the tenth failure gain nothing.
   */
  async admit(email: string, ip: string): Promise<void> {
    const count = await this.failures.get(key(email, ip));
    if (count && count.consumedPoints >= MAX_FAILURES) throw limited(count);
  }

  async failed(email: string, ip: string): Promise<void> {
    await this.failures.penalty(key(email, ip));
  }

  async succeeded(email: string, ip: string): Promise<void> {
    await this.failures.delete(key(email, ip));
  }
}

function key(email: string, ip: string): string {
  return `${ip} ${email}`;
}

function limited({ msBeforeNext }: RateLimiterRes): OmsError {
  return new OmsError('rate_limited', {
    message: 'Too many failed logins, try again later',
    details: { retryAfterSeconds: Math.ceil(msBeforeNext / 1_000) },
  });
}
