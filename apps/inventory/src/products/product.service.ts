import { Injectable } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { toCents, type PageQuery } from '@lib/service';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { addToLocation } from '../stock/stock-change.js';
import {
  toProductView,
  type CreateProductDto,
  type ProductPage,
  type ProductView,
  type UpdateProductDto,
} from './product.dto.js';
import { Product, StockLevel } from './product.entity.js';

/** Products and what is known of them; their stock changes in `stock/`. */
@Injectable()
export class ProductService {
  constructor(private readonly em: SqlEntityManager) {}

  async list({ limit, offset }: PageQuery): Promise<ProductPage> {
    const em = this.em.fork();
    const [products, count] = await em.findAndCount(Product, {}, { orderBy: { id: 'asc' }, limit, offset });
    const levels = await em.find(StockLevel, { productId: { $in: products.map(({ id }) => id) } }, ORDER);
    return { count, limit, offset, products: products.map((product) => toProductView(product, levels)) };
  }

  /** Throws `not_found`. */
  async read(id: number): Promise<ProductView> {
    const em = this.em.fork();
    const product = await em.findOne(Product, { id });
    if (!product) throw new OmsError('not_found');
    return toProductView(product, await em.find(StockLevel, { productId: id }, ORDER));
  }

  /** Its first stock is no change that anybody is told of. Throws `conflict` where the SKU is taken. */
  async create(dto: CreateProductDto): Promise<ProductView> {
    const { sku, name, price, threshold, quantity, locationId } = dto;
    const id = await refuseTakenSku(() =>
      this.em.fork().transactional(async (em) => {
        const product = em.create(Product, { sku, name, priceCents: toCents(price), threshold, available: quantity });
        await em.flush();
        await addToLocation(em, product.id, locationId, quantity);
        return product.id;
      }),
    );
    return this.read(id);
  }

  /** Throws `not_found`, and `conflict` where the SKU is taken. */
  async update(id: number, dto: UpdateProductDto): Promise<ProductView> {
    const { price, ...rest } = dto;
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const changes = { ...given, ...(price !== undefined && { priceCents: toCents(price) }), updatedAt: new Date() };
    const updated = await refuseTakenSku(() => this.em.fork().nativeUpdate(Product, { id }, changes));
    if (updated === 0) throw new OmsError('not_found');
    return this.read(id);
  }
}

const ORDER = { orderBy: { productId: 'asc', locationId: 'asc' } } as const;

async function refuseTakenSku<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new OmsError('conflict', { message: 'Another product has this SKU', cause: error });
  }
}
