import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { Caller, Roles, type Principal } from '@lib/auth';
import { IdPipe, PageQuery } from '@lib/service';
import { AdjustService } from '../stock/adjust.service.js';
import {
  AdjustStockDto,
  CreateProductDto,
  UpdateProductDto,
  type ProductPage,
  type ProductView,
} from './product.dto.js';
import { ProductService } from './product.service.js';

@Controller('inventory/products')
export class ProductController {
  constructor(
    private readonly products: ProductService,
    private readonly adjustments: AdjustService,
  ) {}

  @Get()
  list(@Query() page: PageQuery): Promise<ProductPage> {
    return this.products.list(page);
  }

  @Get(':id')
  read(@Param('id', IdPipe) id: number): Promise<ProductView> {
    return this.products.read(id);
  }

  @Roles('admin', 'staff')
  @Post()
  create(@Body() body: CreateProductDto): Promise<ProductView> {
    return this.products.create(body);
  }

  @Roles('admin', 'staff')
  @Patch(':id')
  update(@Param('id', IdPipe) id: number, @Body() body: UpdateProductDto): Promise<ProductView> {
    return this.products.update(id, body);
  }

  /** Answers the product as it is afterwards. */
  @Roles('admin', 'staff')
  @Post(':id/adjust')
  @HttpCode(200)
  async adjust(
    @Caller() caller: Principal,
    @Param('id', IdPipe) id: number,
    @Body() body: AdjustStockDto,
  ): Promise<ProductView> {
    await this.adjustments.adjust(id, body, caller.userId);
    return this.products.read(id);
  }
}
