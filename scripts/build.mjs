import { build } from './bootstrap/build.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';

await ensureInstalled();
build();
