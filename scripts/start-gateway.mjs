import { launch } from './bootstrap/launch.mjs';

await launch('apps/api-gateway/src/main.js');
