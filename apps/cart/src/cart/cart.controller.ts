import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { Caller, type Principal } from '@lib/auth';
import { IdPipe } from '@lib/service';
import type { CartView } from './cart-arithmetic.js';
import { AddItemDto, ChangeQuantityDto } from './cart.dto.js';
import { CartService } from './cart.service.js';

/** The caller's own cart. There is no way to name another's. */
@Controller('cart')
export class CartController {
  constructor(private readonly carts: CartService) {}

  @Get()
  read(@Caller() caller: Principal): Promise<CartView> {
    return this.carts.read(caller.userId);
  }

  @Post('items')
  add(@Caller() caller: Principal, @Body() body: AddItemDto): Promise<CartView> {
    return this.carts.add(caller.userId, body);
  }

  @Patch('items/:productId')
  setQuantity(
    @Caller() caller: Principal,
    @Param('productId', IdPipe) productId: number,
    @Body() { quantity }: ChangeQuantityDto,
  ): Promise<CartView> {
    return this.carts.setQuantity(caller.userId, productId, quantity);
  }

  @Delete('items/:productId')
  remove(@Caller() caller: Principal, @Param('productId', IdPipe) productId: number): Promise<CartView> {
    return this.carts.remove(caller.userId, productId);
  }

  @Delete()
  @HttpCode(204)
  clear(@Caller() caller: Principal): Promise<void> {
    return this.carts.clear(caller.userId);
  }
}
