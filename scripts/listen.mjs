import { launch } from './bootstrap/launch.mjs';

await launch('scripts/listen/main.js');
