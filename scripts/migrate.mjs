import { launch } from './bootstrap/launch.mjs';

await launch('scripts/migrate/main.js');
