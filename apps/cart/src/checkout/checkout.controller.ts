import { Body, Controller, Headers, Post } from '@nestjs/common';
import { Caller, type Principal } from '@lib/auth';
import type { Json } from '@lib/events';
import { CheckoutDto } from './checkout.dto.js';
import { CheckoutService } from './checkout.service.js';

@Controller('cart/checkout')
export class CheckoutController {
  constructor(private readonly checkouts: CheckoutService) {}

  @Post()
  checkOut(
    @Caller() caller: Principal,
    @Body() body: CheckoutDto,
    @Headers('authorization') authorization: string,
  ): Promise<Json> {
    return this.checkouts.checkOut(caller.userId, body.addressId, authorization);
  }
}
