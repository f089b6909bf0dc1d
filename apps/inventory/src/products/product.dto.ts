import { fromCents, IsPrice, IsText, type Page } from '@lib/service';
import { IsInt, Matches, Max, Min, NotEquals, ValidateIf } from 'class-validator';
import type { Product, StockLevel } from './product.entity.js';

/** The most pieces of one product, and of one change. */
export const MAX_QUANTITY = 1_000_000_000;

const SKU = /^[\w./-]{1,64}$/;
const SKU_MESSAGE = 'sku must be 1 to 64 letters, digits, _ . / or -';
const LOCATION = /^[\w.-]{1,64}$/;
const LOCATION_MESSAGE = 'locationId must be 1 to 64 letters, digits, _ . or -';

/** Where stock goes, and comes from, where nobody names a location. */
export const DEFAULT_LOCATION = 'main';

// Left out is fine; null is not, as these columns hold no null.
const IfGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

export class CreateProductDto {
  @Matches(SKU, { message: SKU_MESSAGE })
  sku: string;

  @IsText(1, 200)
  name: string;

  @IsPrice()
  price: number;

  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(MAX_QUANTITY)
  threshold = 0;

  /** Pieces at the start. */
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(MAX_QUANTITY)
  quantity = 0;

  @IfGiven()
  @Matches(LOCATION, { message: LOCATION_MESSAGE })
  locationId = DEFAULT_LOCATION;
}

export class UpdateProductDto {
  @IfGiven()
  @Matches(SKU, { message: SKU_MESSAGE })
  sku?: string;

  @IfGiven()
  @IsText(1, 200)
  name?: string;

  @IfGiven()
  @IsPrice()
  price?: number;

  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(MAX_QUANTITY)
  threshold?: number;
}

export class AdjustStockDto {
  /** Pieces that came (above 0) or went (under 0). */
  @IsInt()
  @Min(-MAX_QUANTITY)
  @Max(MAX_QUANTITY)
  @NotEquals(0)
  quantity: number;

  @IfGiven()
  @Matches(LOCATION, { message: LOCATION_MESSAGE })
  locationId = DEFAULT_LOCATION;

  @IsText(1, 200)
  reason: string;
}

/** A product as it is answered. */
export interface ProductView {
  id: number;
  sku: string;
  name: string;
  price: number;
  threshold: number;
  /** Pieces that can be ordered, at all locations together. */
  quantity: number;
  /** Pieces set aside for orders. */
  reserved: number;
  locations: { locationId: string; quantity: number }[];
  /** ISO 8601, UTC; so is `updatedAt`. */
  createdAt: string;
  updatedAt: string;
}

export interface ProductPage extends Page {
  products: ProductView[];
}

export function toProductView(product: Product, levels: readonly StockLevel[]): ProductView {
  return {
    id: product.id,
    sku: product.sku,
    name: product.name,
    price: fromCents(product.priceCents),
    threshold: product.threshold,
    quantity: product.available,
    reserved: product.reserved,
    locations: levels
      .filter(({ productId }) => productId === product.id)
      .map(({ locationId, quantity }) => ({ locationId, quantity })),
    createdAt: product.createdAt.toISOString(),
    updatedAt: product.updatedAt.toISOString(),
  };
}
