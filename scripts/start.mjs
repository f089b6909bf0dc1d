import { launch } from './bootstrap/launch.mjs';

await launch('scripts/start/main.js');
