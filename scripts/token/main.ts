import { ROLES, TokenService, type Claims, type Role, type TokenSpan } from '@lib/auth';
import { baseEnv, readEnvOrExit } from '@lib/service';
import { JwtService } from '@nestjs/jwt';
import { readOptions, wrongCall } from '../arguments.js';

const USAGE =
  'npm run -s token -- --sub <user id> --role <role>[,<role>] [--expires 1h] [--email <e-mail>] [--company <id>]';

const options = readOptions(['sub', 'role', 'expires', 'email', 'company'], USAGE);
const { sub, role, expires, email, company } = options;

if (!sub || sub.length > 128) wrongCall(`--sub must be the user's id, 1 to 128 characters. Usage: ${USAGE}`);
const roles = (role ?? '').split(',').map((name) => name.trim());
if (!roles.every((name): name is Role => (ROLES as readonly string[]).includes(name))) {
  wrongCall(`--role must be of ${ROLES.join(', ')}. Usage: ${USAGE}`);
}
if (expires !== undefined && !/^[1-9]\d{0,8}[smhd]$/.test(expires)) {
  wrongCall(`--expires must be a span such as 1h, 15m, 30s or 7d. Usage: ${USAGE}`);
}
if (email !== undefined && !email.includes('@')) wrongCall(`--email must be an e-mail address. Usage: ${USAGE}`);
if (company === '') wrongCall(`--company must not be empty. Usage: ${USAGE}`);

const { JWT_SECRET: secret, JWT_EXPIRES_IN: expiresIn } = readEnvOrExit(baseEnv);
const claims: Claims = {
  sub,
  roles,
  ...(email !== undefined && { email }),
  ...(company !== undefined && { companyId: company }),
};
const tokens = new TokenService(new JwtService({ secret, signOptions: { algorithm: 'HS256', expiresIn } }));
process.stdout.write(`${tokens.sign(claims, expires as TokenSpan | undefined)}\n`);
