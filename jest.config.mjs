import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));
const { baseUrl: _, paths, ...jsc } = swc.jsc;

/** @type {import('jest').Config} */
const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc, sourceMaps: 'inline', swcrc: false }] },
  moduleNameMapper: {
    ...Object.fromEntries(
      Object.entries(paths).map(([alias, [file]]) => [`^${alias}$`, file.replace('.', '<rootDir>')]),
    ),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

export default {
  // Works here only: in a project's own settings Jest 30 does not read it.
  testTimeout: 30_000,
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs,scripts}/**/*.spec.ts'] },
    {
      ...base,
      displayName: 'chaos',
      testMatch: ['<rootDir>/test/chaos/**/*.chaos-spec.ts'],
      // They need a server: npm run test:chaos:redis. And that run is about what Redis changes.
      testPathIgnorePatterns: ['/node_modules/', process.env.REDIS_URL ? '/full-disk' : '/test/chaos/redis/'],
    },
    {
      ...base,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'],
      // They need a server: npm run test:redis, npm run test:postgres
      testPathIgnorePatterns: [
        '/node_modules/',
        ...(process.env.REDIS_URL ? [] : ['/test/e2e/(redis|cluster)/']),
        ...(process.env.DATABASE_HOST ? [] : ['/test/e2e/postgres/']),
      ],
    },
  ],
};
