export interface StockLine {
  productId: number;
  /** Pieces, 1 or more. */
  quantity: number;
}

/** A line that could not be met. `available` is 0 for an unknown product. */
export interface FailedLine {
  productId: number;
  requested: number;
  available: number;
}

/**
 * Stock set aside for orders. Inventory implements it, and {@link StockRpcClient} over the wire; `stock.proto` says
 * the same for other languages.
 *
 * An order has at most one reservation, known by its order id. Repeating a call that succeeded changes nothing, so
 * whoever has lost an answer simply calls again.
 */
export interface StockReservations {
  /**
   * Sets all lines aside and returns `[]`; or none of them, and returns those that cannot be met. A product that
   * occurs twice counts as the sum. Throws `OmsError` `conflict` where the order has a reservation of other lines,
   * or had one that was released or committed.
   */
  reserve(orderId: string, lines: readonly StockLine[]): Promise<readonly FailedLine[]>;

  /**
   * Gives back what was reserved. Without a reservation the order is noted as released, so that one which arrives
   * late, after its order was given up, is refused. Throws `conflict` where it was committed.
   */
  release(orderId: string): Promise<void>;

  /** The goods have left. Throws `not_found` without a reservation, `conflict` where it was released. */
  commit(orderId: string): Promise<void>;
}
