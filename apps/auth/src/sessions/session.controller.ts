import { Body, Controller, HttpCode, Ip, Post, Res } from '@nestjs/common';
import { Public } from '@lib/auth';
import type { FastifyReply } from 'fastify';
import { RegisterService } from '../users/register.service.js';
import { LoginService } from './login.service.js';
import { microseconds, RotationService } from './rotation.service.js';
import { LoginDto, RefreshDto, RegisterDto, type Session } from './session.dto.js';
import { SessionService } from './session.service.js';

/** Sessions begin, go on and end here. Whoever calls has no valid access token yet, or no more. */
@Public()
@Controller('auth')
export class SessionController {
  constructor(
    private readonly logins: LoginService,
    private readonly registration: RegisterService,
    private readonly sessions: SessionService,
    private readonly rotation: RotationService,
  ) {}

  @Post('login')
  @HttpCode(200)
  async login(@Body() body: LoginDto, @Ip() ip: string): Promise<Session> {
    return this.sessions.open(await this.logins.identify(body, ip), 'login');
  }

  @Post('register')
  async register(@Body() body: RegisterDto): Promise<Session> {
    return this.sessions.open(await this.registration.register(body), 'registered');
  }

  @Post('refresh')
  @HttpCode(200)
  refresh(@Body() body: RefreshDto, @Res({ passthrough: true }) reply: FastifyReply): Promise<Session> {
    return this.sessions.refresh(body.refreshToken, microseconds() - Math.round(reply.elapsedTime * 1_000));
  }

  @Post('logout')
  @HttpCode(204)
  logout(@Body() body: RefreshDto): Promise<void> {
    return this.rotation.end(body.refreshToken);
  }
}
