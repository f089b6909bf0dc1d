import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { Caller, Roles, type Principal } from '@lib/auth';
import { OmsError } from '@lib/events';
import { IdPipe } from '@lib/service';
import { ChangeStatusService } from './change-status.service.js';
import { CancelOrderDto, ChangeStatusDto, CreateOrderDto, ListOrdersQuery } from './order.dto.js';
import type { OrderPage, OrderView } from './order.view.js';
import { PlaceService } from './place.service.js';
import { ReadService } from './read.service.js';

@Controller('order/orders')
export class OrderController {
  constructor(
    private readonly placing: PlaceService,
    private readonly reading: ReadService,
    private readonly changing: ChangeStatusService,
  ) {}

  @Roles('customer', 'staff', 'admin')
  @Post()
  place(
    @Caller() caller: Principal,
    @Body() order: CreateOrderDto,
    @Headers('idempotency-key') key?: string,
  ): Promise<OrderView> {
    return this.placing.place({ userId: caller.userId, order, idempotencyKey: validKey(key) });
  }

  @Get()
  list(@Caller() caller: Principal, @Query() query: ListOrdersQuery): Promise<OrderPage> {
    return this.reading.list(caller, query);
  }

  @Get(':id')
  async read(@Caller() caller: Principal, @Param('id', IdPipe) id: number): Promise<OrderView> {
    return this.reading.view(await this.reading.find(caller, id));
  }

  @Roles('admin', 'staff', 'service')
  @Patch(':id/status')
  async changeStatus(@Param('id', IdPipe) id: number, @Body() body: ChangeStatusDto): Promise<OrderView> {
    return this.changing.change(await this.reading.findAny(id), body.status, body.message);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  cancel(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: number,
    @Body() body?: CancelOrderDto,
  ): Promise<OrderView> {
    return this.changing.cancel(caller, id, body?.reason);
  }
}

function validKey(key: string | undefined): string | undefined {
  if (key === undefined || /^[\x21-\x7e]{1,128}$/.test(key)) return key;
  const message = 'Idempotency-Key must be 1 to 128 printable ASCII characters without spaces';
  throw new OmsError('invalid_payload', { fields: [{ field: 'Idempotency-Key', message }] });
}
