import { IsPrice, IsText, PageQuery } from '@lib/service';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ORDER_STATUSES, type OrderStatus } from './order-state.js';

const MAX_ID = 2_147_483_647;

// Left out is fine; null is not.
const IfGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** An id of a system that this one does not know: a whole number, or a short word. */
const IsForeignId = (): PropertyDecorator =>
  ValidateBy({
    name: 'isForeignId',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'number'
          ? Number.isSafeInteger(value) && value >= 1
          : typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value),
      defaultMessage: (args) =>
        `${args?.property ?? 'id'} must be a whole number from 1, or 1 to 64 letters, digits, _ . : or -`,
    },
  });

export class OrderItemDto {
  @IsInt()
  @Min(1)
  @Max(MAX_ID)
  productId: number;

  @IsInt()
  @Min(1)
  @Max(10_000)
  quantity: number;

  @IsPrice()
  price: number;
}

export class CreateOrderDto {
  @IsForeignId()
  addressId: number | string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  // An array within the array would pass the nested validation as an item without fields.
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => OrderItemDto)
  items: OrderItemDto[];
}

export class ChangeStatusDto {
  @IsIn(ORDER_STATUSES)
  status: OrderStatus;

  /** Shown to the order's owner. */
  @IfGiven()
  @IsText(1, 500)
  message?: string;
}

export class CancelOrderDto {
  @IfGiven()
  @IsText(1, 500)
  reason?: string;
}

export class ListOrdersQuery extends PageQuery {
  @IfGiven()
  @IsIn(ORDER_STATUSES)
  status?: OrderStatus;
}
