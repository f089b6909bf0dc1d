import { launch } from '../../scripts/bootstrap/launch.mjs';

await launch('test/infra/with.js');
