import { MARKER, type Random } from './random.js';

/** Makes one request, as bytes. */
type Kind = (random: Random, token: string) => Buffer;

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  '/websocket/notifications/order-created': ['orderId', 'aliasId', 'userId', 'totalAmount', 'status', 'id'],
  '/websocket/notifications/order-status-update': [
    'orderId',
    'aliasId',
    'userId',
    'newStatus',
    'previousStatus',
    'message',
  ],
  '/websocket/notifications/inventory-alert': ['productId', 'productName', 'currentQuantity', 'threshold', 'alertType'],
  '/websocket/broadcast': ['type', 'title', 'message', 'data', 'userId', 'userIds', 'role', 'roles', 'id'],
  '/events': ['type', 'data', 'id', 'source', 'time', 'subject', 'audiences', 'specversion', 'traceparent'],
};
/** Right bodies: with one wrong value among right ones a request gets further than with all wrong. */
const RIGHT: readonly (readonly [string, Record<string, unknown>])[] = [
  [
    '/websocket/notifications/order-created',
    { orderId: 1, aliasId: 'O', userId: 7, totalAmount: 1, status: 'PENDING' },
  ],
  [
    '/websocket/notifications/order-status-update',
    { orderId: 1, aliasId: 'O', userId: 7, newStatus: 'PAID', previousStatus: 'NEW', message: 'm' },
  ],
  ...(['low_stock', 'restocked', 'out_of_stock'] as const).map((alertType): [string, Record<string, unknown>] => [
    '/websocket/notifications/inventory-alert',
    { productId: 1, productName: 'P', currentQuantity: 0, threshold: 5, alertType },
  ]),
  ['/websocket/broadcast', { type: 'user', title: 'T', message: 'm', data: {}, userId: 7, userIds: [7, 8] }],
  ['/websocket/broadcast', { type: 'role', title: 'T', message: 'm', data: {}, role: 'admin', roles: ['staff'] }],
  [
    '/events',
    { type: 'user.notified', data: { userId: 7, kind: 'k', title: 'T', message: 'm' }, audiences: ['user:7'] },
  ],
];
const PATHS = Object.keys(FIELDS) as [string, ...string[]];
const GETS = ['/websocket/health', '/websocket/stats', '/websocket/users/online', '/websocket/users/7/online'] as const;

interface Request {
  method?: string;
  path: string;
  headers?: readonly string[];
  body?: Buffer | string;
}

function request(token: string, { method = 'POST', path, headers = [], body = '' }: Request): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const named = new Set(headers.map((header) => header.split(':')[0]?.toLowerCase()));
  const usual = [
    'Host: localhost',
    'Connection: close',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
  ].filter((header) => !named.has(header.split(':')[0]?.toLowerCase()));
  const head = [`${method} ${path} HTTP/1.1`, ...usual, ...headers].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), bytes]);
}

const object = (random: Random, fields: readonly string[], wrong = 0.4): string =>
  `{${fields
    .filter(() => random.next() > 0.15)
    .map((field) => `"${field}":${random.next() < wrong ? random.json() : '1'}`)
    .join()}}`;

/** Every kind of wrong value in every field, one at a time. */
export function oneWrongField(random: Random, token: string): Buffer[] {
  return RIGHT.flatMap(([path, right]) =>
    Object.keys(right).flatMap((wrong) =>
      random.values().map((value) => {
        const others = JSON.stringify({ ...right, [wrong]: undefined });
        const headers = random.next() < 0.5 ? [] : [`Idempotency-Key: k${random.below(5)}`];
        return request(token, { path, headers, body: `${others.slice(0, -1)},"${wrong}":${value}}` });
      }),
    ),
  );
}

export const HTTP_KINDS: Readonly<Record<string, Kind>> = {
  'wrong types in every field': (random, token) => {
    const path = random.pick(PATHS);
    return request(token, { path, body: object(random, FIELDS[path] ?? [], 0.9) });
  },
  'some fields wrong, some unknown': (random, token) => {
    const path = random.pick(PATHS);
    const unknown = random.pick(['colour', '__proto__', 'constructor', 'hasOwnProperty', 'a.b', '', '\u0000']);
    return request(token, { path, body: object(random, [...(FIELDS[path] ?? []), unknown]) });
  },
  'events with wrong data': (random, token) => {
    const type = random.pick([
      'order.created',
      'inventory.low_stock',
      'user.notified',
      'system.announced',
      '__proto__',
    ]);
    const data = object(random, ['orderId', 'userId', 'title', 'message', 'data', 'productId', 'quantity', 'roles']);
    const event = `{"type":"${type}","data":${random.next() < 0.8 ? data : random.json()}}`;
    return request(token, { path: '/events', body: random.next() < 0.5 ? event : `[${event},${random.json()}]` });
  },
  'bodies that are no object': (random, token) => request(token, { path: random.pick(PATHS), body: random.json() }),
  'broken JSON': (random, token) => {
    const path = random.pick(PATHS);
    const body = `{"type":"${MARKER}",${object(random, FIELDS[path] ?? []).slice(1)}`;
    return request(token, { path, body: body.slice(0, random.below(Math.min(body.length, 5_000))) });
  },
  'bytes that are no UTF-8': (random, token) => {
    const broken = Buffer.concat([Buffer.from('{"type":"'), random.bytes(1 + random.below(40)), Buffer.from('"}')]);
    return request(token, { path: random.pick(PATHS), body: random.next() < 0.5 ? broken : random.bytes(300) });
  },
  'nesting of 50,000 levels': (random, token) => {
    const deep = random.nested(50_000);
    const body = random.pick([deep, `{"type":"system","title":"T","message":"m","data":${deep}}`, `[${deep}]`]);
    return request(token, { path: random.pick(PATHS), body, headers: ['Idempotency-Key: deep'] });
  },
  'bodies over 1 MB': (random, token) => {
    const body = `{"type":"system","title":"T","message":"m","data":"${'x'.repeat(1_048_576 + random.below(100_000))}"}`;
    return request(token, { path: random.pick(PATHS), body });
  },
  'other media types': (random, token) => {
    const type = random.pick([
      'text/plain',
      'application/xml',
      'multipart/form-data',
      '',
      ';',
      'a/b/c',
      '\u0001',
      'x'.repeat(5_000),
    ]);
    return request(token, { path: random.pick(PATHS), headers: [`Content-Type: ${type}`], body: `<a>${MARKER}</a>` });
  },
  'bad Idempotency-Keys': (random, token) => {
    const key = random.pick([
      '',
      ' ',
      `a ${MARKER}`,
      '\u00e9'.repeat(3),
      'x'.repeat(129),
      'x'.repeat(9_000),
      '\t',
      '"a b"',
    ]);
    const body = '{"type":"system","title":"T","message":"m"}';
    return request(token, { path: '/websocket/broadcast', headers: [`Idempotency-Key: ${key}`], body });
  },
  'bad Authorization headers': (random, token) => {
    const [head = '', payload = '', signature = ''] = token.split('.');
    const bad = random.pick([
      `Bearer ${head}.${payload}.`,
      `Bearer ${head}.${payload}.${signature.slice(1)}`,
      `Bearer .${payload}.${signature}`,
      `Bearer ${MARKER}`,
      `Bearer ${'a'.repeat(8_000)}`,
      'Bearer ..',
      `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
      `Basic ${MARKER}`,
      'Bearer',
      '\u0001\u0002',
      `Bearer ${Buffer.from(random.nested(3_000)).toString('base64url').slice(0, 9_000)}.e30.`,
    ]);
    return request(token, { method: 'GET', path: random.pick(GETS), headers: [`Authorization: ${bad}`] });
  },
  'malformed addresses': (random, token) => {
    const path = random.pick([
      '/%zz',
      '/websocket/users/%ff%fe/online',
      '/websocket/users/%00/online',
      '/websocket/users/%E0%A4%A/online',
      `/websocket/users/${'a'.repeat(3_000)}/online`,
      '/websocket/users/..%2f..%2fstats/online',
      '/websocket//users///online',
      '/../../etc/passwd',
      '/websocket/users/__proto__/online',
      `/${MARKER}`,
      `/${'a/'.repeat(3_000)}`,
      '//evil.example/websocket/health',
      'http://[::bad/websocket/health',
      '*',
      '/?%',
      `/${random
        .bytes(20)
        .toString('latin1')
        .replace(/[\s\0]/g, '')}`,
    ]);
    return request(token, { method: random.pick(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD']), path });
  },
  'wrong queries': (random, token) => {
    const value = random.pick([
      '-1',
      '1e400',
      'NaN',
      '',
      '%00',
      '%ff',
      '[]',
      '1&limit=2',
      '9'.repeat(400),
      '__proto__',
    ]);
    const name = random.pick(['limit', 'offset', 'limit[]', 'limit[a]', '__proto__', 'constructor[prototype]', '']);
    return request(token, { method: 'GET', path: `/websocket/users/online?${name}=${value}` });
  },
  'bad methods and versions': (random, token) => {
    const line = random.pick([
      'FOO /events HTTP/1.1',
      'get /events HTTP/1.1',
      'TRACE /events HTTP/1.1',
      'PROPFIND /events HTTP/1.1',
      'CONNECT localhost:1 HTTP/1.1',
      'GET /websocket/health HTTP/9.9',
      'GET /websocket/health',
      'GET  HTTP/1.1',
      `${'G'.repeat(9_000)} / HTTP/1.1`,
      'GET /websocket/health HTTP/1.1 x',
      ' GET / HTTP/1.1',
    ]);
    return Buffer.from(`${line}\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  },
  'bad headers and lengths': (random, token) => {
    const bad = random.pick([
      'Content-Length: -1',
      'Content-Length: 1e3',
      'Content-Length: 5\r\nContent-Length: 6',
      'Content-Length: 5\r\nTransfer-Encoding: chunked',
      'Content-Length: 99999999999999999999',
      'Transfer-Encoding: gzip',
      'Transfer-Encoding: chunked, chunked',
      `X: ${'y'.repeat(20_000)}`,
      Array.from({ length: 2_500 }, (_, at) => `X-${at}: 1`).join('\r\n'),
      'Bad Header: 1',
      ': empty',
      'X: a\u0000b',
      ' folded: 1',
      `Expect: ${MARKER}`,
      'Expect: 100-continue',
      'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings',
      `Host: ${MARKER}\r\nHost: b`,
      'X-Forwarded-For: 1\u00ff2',
    ]);
    return request(token, { path: random.pick(PATHS), headers: bad.split('\r\n'), body: '{"type":"x"}' });
  },
  'broken chunks': (random, token) => {
    const chunks = random.pick([
      'zz\r\n',
      '-1\r\n',
      'fffffffffffffffff\r\n',
      '5\r\nab',
      '5;ext=\u0001\r\nabcde\r\n0\r\n\r\n',
      '',
    ]);
    const head = request(token, { path: '/events', headers: ['Transfer-Encoding: chunked'] });
    return Buffer.concat([
      Buffer.from(head.toString('latin1').replace(/Content-Length: 0\r\n/, '')),
      Buffer.from(chunks),
    ]);
  },
  'what is no HTTP': (random) =>
    random.pick([
      random.bytes(1 + random.below(400)),
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from('16030100a5010000a10303', 'hex'),
      Buffer.from('SSH-2.0-x\r\n'),
      Buffer.from('\r\n'.repeat(50)),
      Buffer.alloc(2_000),
      Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${MARKER}`),
    ]),
};
