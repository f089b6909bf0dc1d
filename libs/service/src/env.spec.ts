import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { baseEnv, EnvironmentError, list, port, readEnv } from './env.js';

const schema = baseEnv.extend({
  PORT: port(3000),
  CORS_ORIGIN: list('http://localhost:3001'),
  URL: z.url().optional(),
});

describe('readEnv', () => {
  it('gives the documented defaults where nothing is set, and where a variable is empty', () => {
    expect(readEnv(schema, { PORT: '', NODE_ENV: 'test' })).toMatchObject({
      PORT: 3000,
      LOG_LEVEL: 'log',
      CORS_ORIGIN: ['http://localhost:3001'],
    });
  });

  it('names every wrong variable and what it should be, and never the value', () => {
    const wrong = { PORT: '70000', LOG_LEVEL: 'hunter2', JWT_EXPIRES_IN: 's3cret' };
    expect(() => readEnv(schema, wrong)).toThrow(EnvironmentError);
    try {
      readEnv(schema, wrong);
    } catch (error) {
      const { message } = error as EnvironmentError;
      expect(message).toMatch(/PORT: must be at most 65535/);
      expect(message).toMatch(/LOG_LEVEL: must be one of/);
      expect(message).toMatch(/JWT_EXPIRES_IN: must be a span/);
      expect(message).not.toMatch(/70000|hunter2|s3cret/);
    }
  });

  it.each([undefined, 'short', 'development-only-secret-do-not-deploy'])(
    'refuses a default or short JWT_SECRET in production (%s)',
    (secret) => {
      expect(() => readEnv(schema, { NODE_ENV: 'production', JWT_SECRET: secret })).toThrow(/JWT_SECRET: must be set/);
    },
  );

  it('takes a long secret in production', () => {
    const secret = 'x'.repeat(32);
    expect(readEnv(schema, { NODE_ENV: 'production', JWT_SECRET: secret }).JWT_SECRET).toBe(secret);
  });
});
