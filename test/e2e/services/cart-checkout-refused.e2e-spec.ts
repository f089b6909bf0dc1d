import { beforeAll, describe, expect, it } from '@jest/globals';
import { CartClient, startCart } from './cart-service.js';
import { testEnvironment } from './helpers/environment.js';
import { wrongFields, type Refusal } from './helpers/http.js';
import type { RunningService } from './helpers/service.js';
import { Tokens } from './helpers/tokens.js';

/** Nothing listens there. */
const NO_ORDERS = 'http://127.0.0.1:9';

let tokens: Tokens;
let cart: RunningService;
let users = 0;

const newUser = (): CartClient => new CartClient(() => cart, tokens.of('customer', `user-${++users}`));

beforeAll(async () => {
  const environment = await testEnvironment();
  tokens = new Tokens(environment.JWT_SECRET);
  cart = await startCart({ ...environment, ORDER_URL: NO_ORDERS });
});

describe('a check-out', () => {
  it('of an empty cart is refused', async () => {
    const { status, body } = await newUser().checkOut<Refusal>();
    expect([status, body.error]).toEqual([409, { code: 'conflict', message: 'The cart is empty' }]);
  });

  it('while the order service is away says so, and leaves the cart as it is, open for changes', async () => {
    const mine = newUser();
    const { body: before } = await mine.add(1, 2, 3.5);
    const { status, body } = await mine.checkOut<Refusal>();
    expect([status, body.error.code]).toEqual([503, 'unavailable']);
    expect((await mine.read()).body).toEqual(before);
    expect((await mine.add(2)).status).toBe(201);
  });

  it.each([
    [{}],
    [{ addressId: 0 }],
    [{ addressId: 1.5 }],
    [{ addressId: '' }],
    [{ addressId: 'x'.repeat(65) }],
    [{ addressId: 'a\0b' }],
    [{ addressId: '\ud800' }],
    [{ addressId: 'Main Street' }],
    [{ addressId: null }],
    [{ addressId: ['1'] }],
    [{ addressId: { id: 1 } }],
  ])('to the address %j is refused', async (body) => {
    const answer = await newUser().call<Refusal>('POST', '/checkout', body);
    expect([answer.status, wrongFields(answer)]).toEqual([400, ['addressId']]);
  });

  it('takes nothing but the address', async () => {
    const answer = await newUser().call<Refusal>('POST', '/checkout', { addressId: 1, userId: 8, items: [] });
    expect([answer.status, wrongFields(answer)]).toEqual([400, ['items', 'userId']]);
  });
});
