import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { Caller, Roles, type Principal } from '@lib/auth';
import { OmsError } from '@lib/events';
import { IdPipe } from '@lib/service';
import { SqlEntityManager } from '@mikro-orm/sql';
import { RolesService } from './roles.service.js';
import { ChangeRolesDto, toUserView, type UserRoles, type UserView } from './user.dto.js';
import { User } from './user.entity.js';

@Controller('auth')
export class UserController {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly roles: RolesService,
  ) {}

  @Get('me')
  async me(@Caller() caller: Principal): Promise<UserView> {
    // A service's token, or one made by hand, may name somebody who is no user here.
    const id = /^[1-9]\d{0,8}$/.test(caller.userId) ? Number(caller.userId) : undefined;
    const user = id === undefined ? null : await this.em.findOne(User, { id });
    if (!user) throw new OmsError('not_found', { message: 'The token names no user of this system' });
    return toUserView(user);
  }

  @Get('users/:id/roles')
  async readRoles(@Caller() caller: Principal, @Param('id', IdPipe) id: number): Promise<UserRoles> {
    const { roles } = await this.roles.read(caller, id);
    return { userId: id, roles };
  }

  @Roles('admin')
  @Put('users/:id/roles')
  async changeRoles(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: number,
    @Body() body: ChangeRolesDto,
  ): Promise<UserRoles> {
    const { roles } = await this.roles.change(caller, id, body.roles);
    return { userId: id, roles };
  }
}
