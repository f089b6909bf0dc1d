import { describe, expect, it } from '@jest/globals';
import { TokenService } from '@lib/auth';
import { DEVELOPMENT_JWT_SECRET } from '@lib/service';
import { JwtService } from '@nestjs/jwt';
import { command } from './command.js';

const verifier = (secret: string): TokenService =>
  new TokenService(new JwtService({ secret, verifyOptions: { algorithms: ['HS256'] } }));

describe('npm run token', () => {
  it('prints only a token, signed with the development secret where none is set', async () => {
    const { ended, stdout } = command('token.mjs', ['--sub', '7', '--role', 'customer,staff']);
    expect(await ended).toBe(0);
    expect(stdout()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const principal = await verifier(DEVELOPMENT_JWT_SECRET).verify(stdout().trim());
    expect(principal).toMatchObject({ userId: '7', roles: ['customer', 'staff'] });
  });

  it('signs with JWT_SECRET, and takes the span, the e-mail address and the company', async () => {
    const secret = 'a-secret-of-this-test-alone-0123456789';
    const options = ['--sub', '9', '--role', 'admin', '--expires', '1h', '--email', 'a@example.com', '--company', 'c1'];
    const { ended, stdout } = command('token.mjs', options, { JWT_SECRET: secret });
    expect(await ended).toBe(0);
    const principal = await verifier(secret).verify(stdout().trim());
    expect(principal).toMatchObject({ userId: '9', email: 'a@example.com', companyId: 'c1' });
    const lifetime = (principal.expiresAt ?? 0) - Date.now();
    expect(lifetime).toBeGreaterThan(59 * 60_000);
    expect(lifetime).toBeLessThanOrEqual(60 * 60_000);
  });

  it.each([
    [['--role', 'customer'], '--sub'],
    [['--sub', '7'], '--role'],
    [['--sub', '7', '--role', 'king'], '--role'],
    [['--sub', '7', '--role', 'customer', '--expires', 'soon'], '--expires'],
    [['--sub', '7', '--role', 'customer', '--colour', 'red'], '--colour'],
    [['--sub'], '--sub'],
  ])('refuses %j in one line, with exit code 2', async (args, named) => {
    const { ended, stdout, stderr } = command('token.mjs', args);
    expect(await ended).toBe(2);
    expect(stdout()).toBe('');
    expect(stderr().trim().split('\n')).toHaveLength(1);
    expect(stderr()).toContain(named);
  });

  it('does not sign with the development secret in production', async () => {
    const { ended, stdout, stderr } = command('token.mjs', ['--sub', '7', '--role', 'admin'], {
      NODE_ENV: 'production',
    });
    expect(await ended).toBe(78);
    expect(stdout()).toBe('');
    expect(stderr()).toContain('JWT_SECRET');
  });
});
