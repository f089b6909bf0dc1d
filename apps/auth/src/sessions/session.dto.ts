import { IsText } from '@lib/service';
import { isEmail, ValidateBy } from 'class-validator';

export class LoginDto {
  // Not IsEmail: whatever is no address belongs to no user, and is answered as any wrong login is.
  @IsText(1, 254)
  email: string;

  @IsText(1, 256)
  password: string;
}

/** An e-mail address of at most 254 characters. (class-validator's own decorator throws at half a surrogate pair.) */
const IsAddress = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAddress',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && /^[^\0\p{Surrogate}]{3,254}$/u.test(value) && isEmail(value),
      defaultMessage: () => 'email must be an e-mail address of at most 254 characters',
    },
  });

export class RegisterDto {
  @IsAddress()
  email: string;

  @IsText(8, 256)
  password: string;

  @IsText(1, 200)
  name: string;
}

export class RefreshDto {
  @IsText(1, 512)
  refreshToken: string;
}

/** The answer of login, registration and refresh. */
export interface Session {
  accessToken: string;
  /** Good for one use: the answer to it brings the next. */
  refreshToken: string;
  tokenType: 'Bearer';
  /** Seconds until the access token expires. */
  expiresIn: number;
  user: { id: number; email: string; name: string; roles: readonly string[] };
}
