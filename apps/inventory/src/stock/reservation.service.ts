import { Injectable } from '@nestjs/common';
import { OmsError } from '@lib/events';
import { Outbox } from '@lib/persistence';
import type { FailedLine, StockLine, StockReservations } from '@lib/stock-rpc';
import { SqlEntityManager } from '@mikro-orm/sql';
import { allocate, type Level } from './allocate.js';
import { addToLocation, changeStock, takeFromLocation, type StockChange } from './stock-change.js';
import { movementEvents } from './stock-events.js';

type Status = 'HELD' | 'RELEASED' | 'COMMITTED';
type ReservedLine = Level & { productId: number };

/** Thrown to roll a reservation back that not every line of can be met. */
class Short extends Error {
  constructor(readonly failed: readonly FailedLine[]) {
    super('Not enough stock');
  }
}

/** {@link StockReservations} on this service's database. Lines come sorted by product, each product once. */
@Injectable()
export class ReservationService implements StockReservations {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly outbox: Outbox,
  ) {}

  async reserve(orderId: string, lines: readonly StockLine[]): Promise<readonly FailedLine[]> {
    const fingerprint = JSON.stringify(lines.map(({ productId, quantity }) => [productId, quantity]));
    try {
      await this.em.fork().transactional(async (em) => {
        if (!(await insertReservation(em, orderId, 'HELD', fingerprint))) {
          const existing = await findReservation(em, orderId);
          if (existing?.status === 'HELD' && existing.lines === fingerprint) return;
          throw new OmsError('conflict');
        }
        const changes = await holdLines(em, orderId, lines);
        await this.outbox.add(em, ...changes.flatMap((change) => movementEvents(change, 'inventory.reserved')));
      });
      return [];
    } catch (error) {
      if (error instanceof Short) return error.failed;
      throw error;
    }
  }

  async release(orderId: string): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      if (await settle(em, orderId, 'RELEASED')) return this.giveBack(em, orderId);
      // Noted although there is nothing to release: a reservation that is still on its way must find this.
      if (await insertReservation(em, orderId, 'RELEASED', '[]')) return;
      const existing = await findReservation(em, orderId);
      if (existing?.status === 'RELEASED') return;
      // HELD: it arrived between the two statements above. Released after all.
      if (existing?.status === 'HELD' && (await settle(em, orderId, 'RELEASED'))) return this.giveBack(em, orderId);
      throw new OmsError('conflict');
    });
  }

  async commit(orderId: string): Promise<void> {
    await this.em.fork().transactional(async (em) => {
      if (await settle(em, orderId, 'COMMITTED')) {
        for (const [productId, quantity] of sums(await reservedLines(em, orderId))) {
          await changeStock(em, productId, { available: 0, reserved: -quantity });
        }
        return;
      }
      const existing = await findReservation(em, orderId);
      if (!existing) throw new OmsError('not_found');
      if (existing.status !== 'COMMITTED') throw new OmsError('conflict');
    });
  }

  private async giveBack(em: SqlEntityManager, orderId: string): Promise<void> {
    const lines = await reservedLines(em, orderId);
    const changes: StockChange[] = [];
    for (const [productId, quantity] of sums(lines)) {
      const change = await changeStock(em, productId, { available: quantity, reserved: -quantity });
      if (change) changes.push(change);
    }
    for (const { productId, locationId, quantity } of lines) await addToLocation(em, productId, locationId, quantity);
    await this.outbox.add(em, ...changes.flatMap((change) => movementEvents(change, 'inventory.released')));
  }
}

async function holdLines(em: SqlEntityManager, orderId: string, lines: readonly StockLine[]): Promise<StockChange[]> {
  const changes: StockChange[] = [];
  const failed: FailedLine[] = [];
  for (const { productId, quantity } of lines) {
    const change = await changeStock(em, productId, { available: -quantity, reserved: quantity });
    if (change) {
      changes.push(change);
      await takeFromLocations(em, orderId, productId, quantity);
    } else {
      const [product] = await em.execute<{ available: number }[]>('select available from products where id = ?', [
        productId,
      ]);
      failed.push({ productId, requested: quantity, available: product?.available ?? 0 });
    }
  }
  if (failed.length > 0) throw new Short(failed);
  return changes;
}

async function takeFromLocations(em: SqlEntityManager, orderId: string, productId: number, wanted: number) {
  const levels = await em.execute<Level[]>(
    `select location_id as "locationId", quantity from stock_levels where product_id = ? and quantity > 0`,
    [productId],
  );
  for (const { locationId, quantity } of allocate(levels, wanted)) {
    await takeFromLocation(em, productId, locationId, quantity);
    await em.execute(
      'insert into reservation_lines (order_id, product_id, location_id, quantity) values (?, ?, ?, ?)',
      [orderId, productId, locationId, quantity],
      'run',
    );
  }
}

/** Whether it was inserted: of two that insert the same order, the second waits for the first and gets false. */
async function insertReservation(em: SqlEntityManager, orderId: string, status: Status, lines: string) {
  const now = new Date();
  const { affectedRows } = await em.execute<{ affectedRows: number }>(
    `insert into reservations (order_id, status, lines, created_at, updated_at) values (?, ?, ?, ?, ?)
     on conflict (order_id) do nothing`,
    [orderId, status, lines, now, now],
    'run',
  );
  return affectedRows === 1;
}

/** Ends a reservation that is held; of two that end it, one gets true. */
async function settle(em: SqlEntityManager, orderId: string, status: Status): Promise<boolean> {
  const { affectedRows } = await em.execute<{ affectedRows: number }>(
    `update reservations set status = ?, updated_at = ? where order_id = ? and status = 'HELD'`,
    [status, new Date(), orderId],
    'run',
  );
  return affectedRows === 1;
}

async function findReservation(em: SqlEntityManager, orderId: string) {
  const [row] = await em.execute<{ status: Status; lines: string }[]>(
    'select status, lines from reservations where order_id = ?',
    [orderId],
  );
  return row;
}

function reservedLines(em: SqlEntityManager, orderId: string): Promise<ReservedLine[]> {
  return em.execute<ReservedLine[]>(
    `select product_id as "productId", location_id as "locationId", quantity
       from reservation_lines where order_id = ? order by product_id, location_id`,
    [orderId],
  );
}

/** Pieces by product, in the order of the lines. */
function sums(lines: readonly ReservedLine[]): Map<number, number> {
  const byProduct = new Map<number, number>();
  for (const { productId, quantity } of lines) byProduct.set(productId, (byProduct.get(productId) ?? 0) + quantity);
  return byProduct;
}
