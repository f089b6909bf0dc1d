import { launch } from './bootstrap/launch.mjs';

await launch('scripts/token/main.js');
