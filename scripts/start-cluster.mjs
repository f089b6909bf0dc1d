import { launch } from './bootstrap/launch.mjs';

await launch('scripts/cluster/main.js');
