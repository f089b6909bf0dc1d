import { launch } from '../../scripts/bootstrap/launch.mjs';

await launch('test/bench/main.js');
