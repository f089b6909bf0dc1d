import { beforeAll, describe, expect, it } from '@jest/globals';
import { testEnvironment, type TestEnvironment } from './helpers/environment.js';
import { eventually } from './helpers/eventually.js';
import { startInventory, type Inventory } from './helpers/inventory.js';
import { startOrders } from './helpers/order.js';
import { captureOutput } from './helpers/output.js';
import { startSentryIngest } from './helpers/sentry-ingest.js';
import { startMailServer, type MailServer } from './helpers/smtp.js';
import { Tokens } from './helpers/tokens.js';

const PASSWORD = 'pass-of-the-mail-server';

let environment: TestEnvironment;
let inventory: Inventory;
let customer: string;
let productId: number;
let said: () => string;

beforeAll(async () => {
  environment = await testEnvironment();
  inventory = await startInventory(environment);
  customer = new Tokens(environment.JWT_SECRET).of('customer', 7);
  productId = (await inventory.createProduct(1_000)).id;
  said = captureOutput();
});

const mailTo = ({ port }: { port: number }, more: Record<string, string> = {}): Record<string, string> => ({
  LOG_LEVEL: 'log',
  EMAIL_NOTIFICATIONS_ENABLED: 'true',
  EMAIL_HOST: '127.0.0.1',
  EMAIL_PORT: String(port),
  EMAIL_USER: 'oms@example.com',
  EMAIL_PASSWORD: PASSWORD,
  ORDER_NOTIFICATION_RECIPIENTS: 'sales@example.com, stock@example.com',
  ...more,
});

const startMail = (): Promise<MailServer> => startMailServer('oms@example.com', PASSWORD);
const start = (settings: Record<string, string>) =>
  startOrders({ ...environment, ...settings }, inventory.grpcUrl, settings);
const items = (quantity: number, price = 19.9): object[] => [{ productId, quantity, price }];

describe('an order’s creation', () => {
  it('is mailed once to every recipient, with its alias, total and items; a refused or repeated order is not', async () => {
    const server = await startMail();
    const orders = await start(mailTo(server));
    const headers = { 'idempotency-key': 'mailed-once' };
    expect((await orders.place(customer, items(5_000))).status).toBe(409);
    const { body } = await orders.place(customer, items(2), { headers });
    await eventually(async () => expect(server.mails).toHaveLength(1));
    expect((await orders.place(customer, items(2), { headers })).body.id).toBe(body.id);
    await orders.cancel(customer, body.id);
    await orders.stop(); // which waits for what is still to be sent
    expect(server.mails).toHaveLength(1);
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: 'oms@example.com', to: ['sales@example.com', 'stock@example.com'] });
    expect(mail?.content).toContain(`Subject: New order ${body.aliasId}, 39.80`);
    expect(mail?.content).toContain(`product ${productId}: 2 at 19.90`);
  });

  it('is mailed in the end by a server that is busy at first, once', async () => {
    const server = await startMail();
    server.refuse = 2;
    const orders = await start(mailTo(server, { EMAIL_FROM: 'The shop <shop@example.com>' }));
    const { body } = await orders.place(customer, items(1));
    await eventually(async () => expect(server.mails).toHaveLength(1));
    await orders.stop();
    expect(server.mails.map(({ from }) => from)).toEqual(['shop@example.com']);
    expect(server.mails[0]?.content).toContain(body.aliasId);
  });

  it('is told to Sentry, with the order’s id and alias and nothing of the customer', async () => {
    const ingest = await startSentryIngest();
    // The message is under way when the service is asked to end.
    ingest.delay = 300;
    const orders = await start({ SENTRY_DSN: ingest.dsn });
    const { body } = await orders.place(customer, items(3));
    await orders.stop();
    expect(ingest.envelopes).toHaveLength(1);
    const parts = ingest.envelopes.flatMap((envelope) => envelope.trim().split('\n'));
    const event = parts.map((part) => JSON.parse(part) as Record<string, unknown>).find((part) => 'message' in part);
    expect(event).toMatchObject({
      message: 'Order created',
      level: 'info',
      tags: { orderId: body.id, aliasId: body.aliasId },
    });
    for (const part of ['user', 'request', 'breadcrumbs', 'extra']) expect(event).not.toHaveProperty(part);
  });
});

describe('where the mail server is away', () => {
  it('the order is created as fast, the failure is logged, and a stop does not wait for it', async () => {
    const orders = await start(mailTo({ port: 9 }));
    const began = Date.now();
    const { status, body } = await orders.place(customer, items(1));
    expect(status).toBe(201);
    expect(Date.now() - began).toBeLessThan(1_000);
    await eventually(async () => expect(said()).toContain(`the mail of ${body.aliasId} could not be sent`));
    const stopping = Date.now();
    await orders.stop();
    expect(Date.now() - stopping).toBeLessThan(3_000);
    expect(said()).toMatch(new RegExp(`the mail of ${body.aliasId} was not sent, after \\d attempts: .*ECONNREFUSED`));
  });

  it('the failure is logged without the password, also where the server repeats it', async () => {
    const server = await startMail();
    const wrong = 'another-pass-of-the-server';
    const orders = await start(mailTo(server, { EMAIL_PASSWORD: wrong }));
    const { body } = await orders.place(customer, items(1));
    await eventually(async () => expect(said()).toContain(`the mail of ${body.aliasId} was not sent`));
    expect(said()).toContain('EAUTH 535');
    for (const secret of [wrong, PASSWORD]) expect(said()).not.toContain(secret);
    expect(said()).not.toContain(Buffer.from(`\0oms@example.com\0${wrong}`).toString('base64'));
  });

  it('a Sentry that is away is logged, and delays nothing', async () => {
    const orders = await start({ LOG_LEVEL: 'log', SENTRY_DSN: 'http://public@127.0.0.1:9/42' });
    const { status, body } = await orders.place(customer, items(1));
    expect(status).toBe(201);
    await eventually(async () => expect(said()).toContain('a message did not reach Sentry (no answer)'));
    expect(said()).toContain(`"aliasId":"${body.aliasId}"`);
  });
});

describe('where neither is switched on', () => {
  it('the service says so in one line when it starts, and sends nothing', async () => {
    const server = await startMail();
    const before = said().length;
    const orders = await start(mailTo(server, { EMAIL_NOTIFICATIONS_ENABLED: 'false' }));
    await orders.place(customer, items(1));
    await orders.stop();
    const off = /notices of new orders: e-mail off \(EMAIL_NOTIFICATIONS_ENABLED\); Sentry off \(SENTRY_DSN\)/g;
    expect(said().slice(before).match(off)).toHaveLength(1);
    expect(server.mails).toEqual([]);
  });
});
