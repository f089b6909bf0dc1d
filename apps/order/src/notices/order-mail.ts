import type { OrderView } from '../orders/order.view.js';

export interface MailText {
  subject: string;
  text: string;
}

/** What the shop's staff are told of a new order. Plain text: it needs no escaping and reads everywhere. */
export function orderMail({ aliasId, totalAmount, userId, items, createdAt }: OrderView): MailText {
  const lines = items.map(
    ({ productId, quantity, price }) => `  product ${productId}: ${quantity} at ${amount(price)}`,
  );
  const text = [
    `Order ${aliasId} was created.`,
    '',
    `Total: ${amount(totalAmount)}`,
    `Customer: user ${userId}`,
    `Time: ${createdAt}`,
    '',
    'Items',
    ...lines,
    '',
  ];
  return { subject: `New order ${aliasId}, ${amount(totalAmount)}`, text: text.join('\n') };
}

/** Always with two decimals; an order has no currency. */
function amount(value: number): string {
  return value.toFixed(2);
}
