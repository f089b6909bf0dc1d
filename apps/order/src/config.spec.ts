import { describe, expect, it } from '@jest/globals';
import { readEnv } from '@lib/service';
import { orderEnv } from './config.js';

const ON = {
  EMAIL_NOTIFICATIONS_ENABLED: 'true',
  EMAIL_HOST: 'smtp.example.com',
  ORDER_NOTIFICATION_RECIPIENTS: 'sales@example.com, stock@example.com',
};

describe('the environment of the order service', () => {
  it('sends no mail and no Sentry message where nothing is set', () => {
    const env = readEnv(orderEnv, {});
    expect(env).toMatchObject({ EMAIL_NOTIFICATIONS_ENABLED: false, EMAIL_PORT: 587 });
    expect(env.SENTRY_DSN).toBeUndefined();
  });

  it('reads the recipients as a list', () => {
    expect(readEnv(orderEnv, ON).ORDER_NOTIFICATION_RECIPIENTS).toEqual(['sales@example.com', 'stock@example.com']);
  });

  it('does not ask for mail settings while mail is off', () => {
    expect(() => readEnv(orderEnv, { ...ON, EMAIL_NOTIFICATIONS_ENABLED: 'false', EMAIL_HOST: '' })).not.toThrow();
  });

  it.each([
    ['EMAIL_HOST', { ...ON, EMAIL_HOST: '' }],
    ['EMAIL_HOST', { ...ON, EMAIL_HOST: 'smtp://hunter2@host' }],
    ['EMAIL_PORT', { ...ON, EMAIL_PORT: '0' }],
    ['EMAIL_FROM', { ...ON, EMAIL_FROM: 'hunter2' }],
    ['EMAIL_NOTIFICATIONS_ENABLED', { ...ON, EMAIL_NOTIFICATIONS_ENABLED: 'hunter2' }],
    ['ORDER_NOTIFICATION_RECIPIENTS', { ...ON, ORDER_NOTIFICATION_RECIPIENTS: ' , ' }],
    ['ORDER_NOTIFICATION_RECIPIENTS', { ...ON, ORDER_NOTIFICATION_RECIPIENTS: 'a@example.com,hunter2' }],
    ['EMAIL_PASSWORD', { ...ON, EMAIL_PASSWORD: 'hunter2' }],
    ['EMAIL_PASSWORD', { ...ON, EMAIL_USER: 'hunter2' }],
    ['SENTRY_DSN', { SENTRY_DSN: 'https://hunter2.example.com' }],
  ])('refuses a wrong %s by its name, without the value (%j)', (variable, env) => {
    let refusal = '';
    try {
      readEnv(orderEnv, env);
    } catch (error) {
      refusal = String(error);
    }
    expect(refusal).toMatch(new RegExp(`^  ${variable}: must `, 'm'));
    expect(refusal).not.toContain('hunter2');
  });
});
