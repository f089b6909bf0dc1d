import { IsText } from '@lib/service';
import { IsEmail, MaxLength } from 'class-validator';

export class LoginDto {
  // Not IsEmail: whatever is no address belongs to no user, and is answered as any wrong login is.
  @IsText(1, 254)
  email: string;

  @IsText(1, 256)
  password: string;
}

export class RegisterDto {
  @IsEmail()
  @MaxLength(254)
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
