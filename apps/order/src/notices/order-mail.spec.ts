import { describe, expect, it } from '@jest/globals';
import { orderMail } from './order-mail.js';

describe('the mail of an order', () => {
  it('says the alias, the total and each item', () => {
    const mail = orderMail({
      id: 456,
      aliasId: 'ORDER-456',
      userId: 7,
      addressId: 1,
      status: 'PENDING',
      totalAmount: 44.5,
      items: [
        { productId: 3, quantity: 2, price: 19.9 },
        { productId: 5, quantity: 1, price: 4.7 },
      ],
      createdAt: '2026-11-20T10:00:00.000Z',
      updatedAt: '2026-11-20T10:00:00.000Z',
    });
    expect(mail.subject).toBe('New order ORDER-456, 44.50');
    expect(mail.text).toContain('Total: 44.50');
    expect(mail.text).toContain('product 3: 2 at 19.90');
    expect(mail.text).toContain('product 5: 1 at 4.70');
    expect(mail.text).toContain('2026-11-20T10:00:00.000Z');
  });
});
