import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';

/** A message of a socket client. What is wrong with one is told without repeating any of it, also no name of a field. */
export abstract class ClientMessage {}

/** The socket message `unsubscribe`. */
export class UnsubscribeDto extends ClientMessage {
  @IsIn(['order', 'inventory'])
  type: 'order' | 'inventory';
}

export class UserIdParam {
  @IsString()
  @Matches(/^[^\0]*$/, { message: 'userId must hold no NUL' })
  @Length(1, 128)
  userId: string;
}

/** The body of `POST /websocket/users/{userId}/disconnect`. */
export class DisconnectDto {
  /** Also refuse every token that this user has been given up to now. */
  @IsOptional()
  @IsBoolean()
  revoke: boolean = false;
}

/** A page of `GET /websocket/users/online`. */
export class UsersOnlineQuery {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  offset: number = 0;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit: number = 100;
}
