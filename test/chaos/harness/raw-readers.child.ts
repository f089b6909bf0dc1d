/**
 * A process with many readers that cost so little that one process can have two hundred: each speaks the Socket.IO
 * protocol over a bare TCP socket, and looks only at the number of each event. Run by Node directly: no import of
 * this project, erasable types only.
 *
 * Arguments: port, step, then one token a reader. Messages out: `{ ready: true }` when all are connected, `{ all: n }`
 * when all have received number n, for each n that ends a step, and `{ fault }` for a number that does not follow
 * the one before, or a connection that ends.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const [port = '', stepText = '', ...tokens] = process.argv.slice(2);
const step = Number(stepText);
const HEAD = Buffer.from('42/events,["system_notification",{"type":"system_notification","data":{"title":"');
const CONFIRMATION = Buffer.from('42/events,["connected"');
const ZERO = 48;
const NINE = 57;

let ready = 0;
/** How many readers have received the last number of each step. */
const reached = new Map<number, number>();

/** A masked text frame of less than 64 KB, as a client must send them; a mask of zeros changes nothing. */
function send(socket: Socket, text: string): void {
  const length = Buffer.byteLength(text);
  const header =
    length < 126 ? Buffer.from([0x81, 0x80 | length]) : Buffer.from([0x81, 0xfe, length >> 8, length & 255]);
  socket.write(Buffer.concat([header, Buffer.alloc(4), Buffer.from(text)]));
}

function fault(text: string): void {
  process.send?.({ fault: text });
}

function arrived(n: number): void {
  if ((n + 1) % step !== 0) return;
  const count = (reached.get(n) ?? 0) + 1;
  reached.set(n, count);
  if (count < tokens.length) return;
  reached.delete(n);
  process.send?.({ all: n });
}

function read(token: string, index: number): void {
  let next = 0;
  let rest: Buffer = Buffer.alloc(0);
  let upgraded = false;
  const socket = connect(Number(port), '127.0.0.1', () => {
    socket.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
  });
  socket.setNoDelay(true);
  socket.on('error', (error) => fault(`reader ${index}: ${error.message}`));
  socket.on('close', () => fault(`reader ${index}: closed at ${next}`));
  socket.on('data', (bytes) => {
    const data = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    let at = 0;
    if (!upgraded) {
      const end = data.indexOf('\r\n\r\n');
      if (end < 0) return void (rest = data);
      upgraded = true;
      at = end + 4;
    }
    while (data.length - at >= 2) {
      const short = (data[at + 1] ?? 0) & 0x7f;
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (data.length - at < header) break;
      const length =
        short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
      if (data.length - at < header + length) break;
      frame(data, at + header, at + header + length);
      at += header + length;
    }
    rest = data.subarray(at);
  });

  function frame(data: Buffer, from: number, to: number): void {
    if (data[from] === 0x30) return send(socket, `40/events,${JSON.stringify({ token })}`);
    if (data[from] === 0x32) return send(socket, '3');
    if (data.compare(HEAD, 0, HEAD.length, from, Math.min(to, from + HEAD.length)) === 0) {
      let n = 0;
      for (let place = from + HEAD.length; ; place++) {
        const digit = data[place] ?? 0;
        if (digit < ZERO || digit > NINE) break;
        n = n * 10 + digit - ZERO;
      }
      if (n !== next) fault(`reader ${index}: ${n} came where ${next} was due`);
      next = n + 1;
      arrived(n);
    } else if (data.indexOf(CONFIRMATION, from) === from) {
      if (++ready === tokens.length) process.send?.({ ready: true });
    }
  }
}

for (const [index, token] of tokens.entries()) read(token, index);
process.on('disconnect', () => process.exit());
