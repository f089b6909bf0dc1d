import { launch } from './bootstrap/launch.mjs';

await launch('scripts/test/main.js');
