import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { baseEnv, readEnv } from './env.js';
import { ServiceLogger } from './logger.js';

let said = '';
const write = process.stdout.write.bind(process.stdout);

beforeEach(() => {
  said = '';
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    said += chunk.toString();
    return true;
  };
});
afterEach(() => void (process.stdout.write = write));

const logger = (LOG_LEVEL: string): ServiceLogger => new ServiceLogger('order', readEnv(baseEnv, { LOG_LEVEL }));

describe('the log of a service', () => {
  it('shows what the service says, and of Nest’s own start nothing', () => {
    logger('log').log('listening', 'Service');
    logger('log').log('Mapped {/orders, GET} route', 'RouterExplorer');
    expect(said).toContain('listening');
    expect(said).not.toContain('Mapped');
  });

  it('shows that too at debug, once', () => {
    logger('debug').log('Mapped {/orders, GET} route', 'RouterExplorer');
    expect(said.match(/Mapped/g)).toHaveLength(1);
  });

  it('shows nothing under its level', () => {
    logger('warn').log('listening', 'Service');
    expect(said).toBe('');
  });
});
