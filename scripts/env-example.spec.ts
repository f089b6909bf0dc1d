import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readEnv, type BaseEnv } from '@lib/service';
import { z } from 'zod';
import { clusterEnv } from './cluster/env.js';

const ROOT = join(import.meta.dirname, '..');
const example = parseEnv(readFileSync(join(ROOT, '.env.example'), 'utf8')) as Record<string, string>;
const schemas = new Map<string, z.ZodObject>();

beforeAll(async () => {
  for (const app of readdirSync(join(ROOT, 'apps'))) {
    const config = (await import(join(ROOT, 'apps', app, 'src/config.ts'))) as Record<string, unknown>;
    const schema = Object.values(config).find((value) => value instanceof z.ZodObject);
    if (schema) schemas.set(app, schema);
  }
  schemas.set('start:cluster', clusterEnv);
});

describe('.env.example', () => {
  it('is checked against the schema of every app, and of start:cluster', () => {
    expect([...schemas.keys()].sort()).toEqual(['api-gateway', 'auth', 'cart', 'inventory', 'order', 'start:cluster']);
  });

  it('lists exactly the variables that they read', () => {
    const read = new Set([...schemas.values()].flatMap((schema) => Object.keys(schema.shape)));
    expect(Object.keys(example).sort()).toEqual([...read].sort());
  });

  it('says the defaults: copied to .env, it changes nothing', () => {
    for (const schema of schemas.values()) {
      const typed = schema as unknown as z.ZodType<BaseEnv>;
      expect(readEnv(typed, example)).toEqual(readEnv(typed, {}));
    }
  });

  it('explains every variable: a comment stands above it, or above its group', () => {
    const groups = readFileSync(join(ROOT, '.env.example'), 'utf8').trim().split(/\n\n/);
    for (const group of groups) expect(group).toMatch(/^#/);
  });
});
