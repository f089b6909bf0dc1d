import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateIf,
  type ValidationOptions,
} from 'class-validator';
import { isKeepableJson, MAX_JSON_DEPTH, type Json } from '../json.js';

/** An id as its system writes it: a string of 1 to 128 characters, or a whole number from 0. */
export type Id = string | number;

export const IsId = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isId',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'number'
            ? Number.isSafeInteger(value) && value >= 0
            : typeof value === 'string' && value.length >= 1 && value.length <= 128,
        defaultMessage: (args) =>
          `${args?.property ?? 'id'} must be a string of 1 to 128 characters, or a whole number`,
      },
    },
    options,
  );

export const IsJson = (): PropertyDecorator =>
  ValidateBy({
    name: 'isJson',
    validator: {
      validate: isKeepableJson,
      defaultMessage: (args) =>
        `${args?.property ?? 'value'} must be well-formed JSON of at most ${MAX_JSON_DEPTH} levels`,
    },
  });

/** May be left out. Unlike `IsOptional` it does not let `null` by, which every later step would have to expect. */
const MayBeAbsent = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

class Identified {
  /** Makes a retry safe, as the header `Idempotency-Key` does, and of the same characters. */
  @MayBeAbsent()
  @Matches(/^[\x21-\x7e]{1,128}$/, { message: 'id must be 1 to 128 visible ASCII characters' })
  id?: string;
}

export class OrderCreatedDto extends Identified {
  @IsId()
  orderId: Id;

  @IsString()
  @Length(1, 256)
  aliasId: string;

  @IsId()
  userId: Id;

  @IsNumber()
  @Min(0)
  totalAmount: number;

  @IsString()
  @Length(1, 256)
  status: string;
}

export class OrderStatusUpdateDto extends Identified {
  @IsId()
  orderId: Id;

  @IsString()
  @Length(1, 256)
  aliasId: string;

  @IsId()
  userId: Id;

  @IsString()
  @Length(1, 256)
  newStatus: string;

  @IsString()
  @Length(1, 256)
  previousStatus: string;

  @MayBeAbsent()
  @IsString()
  @MaxLength(2_000)
  message?: string;
}

export const ALERT_TYPES = ['low_stock', 'out_of_stock', 'restocked'] as const;
export type AlertType = (typeof ALERT_TYPES)[number];

export class InventoryAlertDto extends Identified {
  @IsId()
  productId: Id;

  @IsString()
  @Length(1, 256)
  productName: string;

  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  currentQuantity: number;

  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  threshold?: number;

  @IsIn(ALERT_TYPES)
  alertType: AlertType;
}

const forType =
  (type: BroadcastDto['type'], single: 'userId' | 'role', many: 'userIds' | 'roles') =>
  (dto: BroadcastDto, value: unknown): boolean =>
    value !== undefined || (dto.type === type && dto[single] === undefined && dto[many] === undefined);

/** To everyone (`system`), to users (`user`, with `userId` or `userIds`) or to roles (`role`, with `role` or `roles`). */
export class BroadcastDto extends Identified {
  @IsIn(['system', 'user', 'role'])
  type: 'system' | 'user' | 'role';

  @IsString()
  @Length(1, 256)
  title: string;

  @IsString()
  @MaxLength(2_000)
  message: string;

  @MayBeAbsent()
  @IsJson()
  data?: Json;

  @ValidateIf(forType('user', 'userId', 'userIds'))
  @IsId()
  userId?: Id;

  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsId({ each: true })
  userIds?: Id[];

  @ValidateIf(forType('role', 'role', 'roles'))
  @Matches(/^[\w.-]{1,64}$/)
  role?: string;

  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(16)
  @Matches(/^[\w.-]{1,64}$/, { each: true })
  roles?: string[];
}
