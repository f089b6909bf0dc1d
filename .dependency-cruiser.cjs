/** Which way imports may go (architecture: apps → libs, libs/realtime → libs/events), and no cycles. `npm run arrows`. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'libs-know-no-app',
      comment: 'Apps use libraries, never the other way; tests and scripts may use both.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|scripts|test)/' },
    },
    {
      name: 'apps-know-no-other-app',
      comment: 'Apps speak to each other over the network only.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'apps-know-no-script-or-test',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^(scripts|test)/' },
    },
    {
      name: 'realtime-knows-events-only',
      comment: 'The engine is usable without this gateway.',
      severity: 'error',
      from: { path: '^libs/realtime/' },
      to: { path: '^libs/', pathNot: '^libs/(realtime|events)/' },
    },
    {
      name: 'events-know-no-library',
      comment: 'The shared words live in the lowest library.',
      severity: 'error',
      from: { path: '^libs/events/' },
      to: { path: '^libs/', pathNot: '^libs/events/' },
    },
    {
      name: 'libraries-by-their-index',
      comment: 'What a library offers stands in its index.ts; its own files reach each other directly.',
      severity: 'error',
      from: { path: '^(apps|scripts)/' },
      to: { path: '^libs/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'libraries-by-their-index-from-libraries',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.(spec|conformance)\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '^node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
