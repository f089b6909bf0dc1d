import { IsPrice } from '@lib/service';
import { IsInt, Max, Min } from 'class-validator';
import { MAX_QUANTITY } from './cart-arithmetic.js';

/** The largest id of a product: what the `int32` of the stock protocol holds. */
const MAX_PRODUCT_ID = 2_147_483_647;

export class ChangeQuantityDto {
  @IsInt()
  @Min(1)
  @Max(MAX_QUANTITY)
  quantity: number;
}

export class AddItemDto extends ChangeQuantityDto {
  @IsInt()
  @Min(1)
  @Max(MAX_PRODUCT_ID)
  productId: number;

  /** Of one piece. */
  @IsPrice()
  price: number;
}
