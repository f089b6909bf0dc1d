import { MARKER, type Random } from './random.js';

/** Packets that a client which is connected to the namespace may send; text as Socket.IO spells it, or bytes. */
type Packets = (random: Random) => (string | Buffer)[];

const NAMES = [
  'ping',
  'subscribe_to_orders',
  'subscribe_to_inventory',
  'unsubscribe',
  'nope',
  '__proto__',
  'constructor',
  'toString',
  'error',
] as const;

export const PACKET_KINDS: Readonly<Record<string, Packets>> = {
  'wrong payloads': (random) => [
    `42/events,${random.below(9)}["${random.pick(NAMES)}",${random.json()}]`,
    `42/events,["unsubscribe",{"type":${random.json()}}]`,
    `42/events,["unsubscribe",{"type":"order","${random.pick(['a', '__proto__', 'constructor'])}":${random.json()}}]`,
  ],
  'names that are none': (random) => [
    random.pick([
      '42/events,[]',
      '42/events,[null]',
      '42/events,[5]',
      '42/events,[1e999,"x"]',
      '42/events,[{"a":1}]',
      '42/events,[["ping"]]',
      '42/events,["connect"]',
      '42/events,["connect_error"]',
      '42/events,["disconnect"]',
      '42/events,["disconnecting"]',
      '42/events,["newListener"]',
      '42/events,["removeListener"]',
      `42/events,["${'n'.repeat(100_000)}"]`,
      String.raw`42/events,["\ud800"]`,
      `42/events,["${MARKER}","${MARKER}"]`,
    ]),
  ],
  'packets that are none': (random) => [
    random.pick([
      '',
      '4',
      '42',
      '42[',
      '42/events',
      '42/events,',
      '42/events,[',
      '42/events,["ping"',
      '42/events,{"a":1}',
      `42/events,"${MARKER}"`,
      '42/events,null',
      '47/events,["ping"]',
      '49',
      '4x',
      '5',
      '6',
      '7',
      '9',
      'b',
      'b!!!',
      'bAAAA',
      '2probe',
      '3',
      '3x',
      '\u0000',
      '42/events,["ping"]\u001e42/events,["ping"]',
    ]),
  ],
  'acknowledgements nobody asked for': (random) => [
    random.pick([
      '43/events,12[]',
      '43/events,9007199254740993["x"]',
      '43/events,99999999999999999999999999["x"]',
      '43/events,0{"a":1}',
      '43/events,["x"]',
      '43/events,-1["x"]',
      '42/events,-1["ping"]',
      '42/events,1.5["ping"]',
      '42/events,99999999999999999999["ping"]',
      '42/events,1e3["ping"]',
      '461-/events,1["x",{"_placeholder":true,"num":0}]',
    ]),
  ],
  'binary that does not fit': (random) => [
    random.pick([
      '451-/events,["unsubscribe",{"_placeholder":true,"num":0}]',
      '451-/events,["unsubscribe",{"_placeholder":true,"num":7}]',
      '451-/events,["unsubscribe",{"_placeholder":true,"num":-1}]',
      '451-/events,["unsubscribe",{"_placeholder":true,"num":"0"}]',
      '451-/events,["unsubscribe",{"_placeholder":true,"num":1e9}]',
      '450-/events,["unsubscribe"]',
      '459999999999-/events,["unsubscribe",{"_placeholder":true,"num":0}]',
      '45-/events,["x"]',
      '45a-/events,["x"]',
      '452-/events,["unsubscribe",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
    ]),
    random.pick([random.bytes(200), Buffer.alloc(0), Buffer.alloc(100_000)]),
    '42/events,["ping"]',
  ],
  'bytes out of nowhere': (random) => [random.bytes(1 + random.below(2_000))],
  'namespaces of odd names': (random) => [
    `40/${random.pick(['nope', '__proto__', 'constructor', 'events/', 'n'.repeat(20_000), '%00', '\u0000', 'ü', ' ', '..'])},`,
    '40/events?token=x,',
    `42/${random.pick(['nope', '__proto__', ''])},["ping"]`,
  ],
  'connecting again and again, badly': (random) => [
    ...Array.from({ length: 5 }, () => '40/events,'),
    `40/events,${random.pick(['[1]', '"x"', 'null', '5', '{', random.nested(50_000)])}`,
    `40/events,{"token":${random.json()},"pid":${random.json()},"offset":${random.json()}}`,
    '41/events,',
    '42/events,["ping"]',
  ],
  'errors of its own': () => ['44/events,{"message":"x"}', '44/events,"x"', '1'],
  'messages over 1 MB': (random) => [
    random.next() < 0.5 ? `42/events,["ping","${'x'.repeat(1_000_001)}"]` : Buffer.alloc(1_000_001),
  ],
};

/** A request of the polling transport: query and body. */
export function polling(random: Random, sid: string): { method: string; query: string; body: string } {
  const session = random.pick([
    sid,
    sid,
    '',
    MARKER,
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '%00',
    'x'.repeat(2_000),
  ]);
  const query = random.pick([
    `EIO=4&transport=polling&sid=${session}`,
    `EIO=4&transport=polling&sid=${session}&sid=${session}`,
    `EIO=4&transport=polling&sid[]=${session}`,
    `EIO=${random.pick(['3', '99', '', 'x', '4&EIO=4'])}&transport=polling&sid=${session}`,
    `EIO=4&transport=${random.pick(['websocket', 'foo', '__proto__', 'constructor', '', 'webtransport'])}&sid=${session}`,
    `transport=polling&sid=${session}`,
    `EIO=4&transport=polling&j=${MARKER}&sid=${session}`,
    '',
    '%',
  ]);
  const body = random.pick([
    '',
    '\u001e\u001e\u001e',
    '4',
    '40/events,{"token":5}',
    '9'.repeat(100),
    'bnot base64',
    `42["${MARKER}"]`,
    random.json(),
    random.bytes(300).toString('latin1'),
    '2\u001e'.repeat(2_000),
    'x'.repeat(1_100_000),
  ]);
  return { method: random.pick(['GET', 'POST', 'POST', 'PUT', 'DELETE', 'OPTIONS']), query, body };
}
