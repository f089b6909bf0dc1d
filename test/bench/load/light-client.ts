import { connect, type Socket } from 'node:net';

/** The first letter of the event's name in `42/events,["name",…`. */
const NAME = '42/events,["'.length;
const [C, E, R, S] = ['c', 'e', 'r', 's'].map((letter) => letter.charCodeAt(0));
const [PING, OPEN, CONNECT_ERROR] = ['2', '0', '44'];

export interface Listener {
  /** An event that is neither a confirmation nor an error. */
  event(payload: Buffer): void;
  /** `connected`, with its position. */
  confirmed(): void;
  subscribed(): void;
  failed(error: Error): void;
}

/**
 * One connection that speaks just enough WebSocket (RFC 6455), Engine.IO and Socket.IO, at a fraction of what a
 * real client costs: a load that cannot keep up would measure itself.
 */
export class LightClient {
  pid: string | undefined;
  private readonly socket: Socket;
  private rest: Buffer = Buffer.alloc(0);
  private upgraded = false;
  private last: Buffer | undefined;

  constructor(
    url: string,
    private readonly auth: () => object,
    private readonly listener: Listener,
  ) {
    const { hostname, port, host } = new URL(url);
    this.socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''), () => {
      this.socket.write(
        `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\n` +
          'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
    });
    this.socket.setNoDelay(true);
    this.socket.on('data', (data) => this.onData(data));
    this.socket.on('error', (error) => this.listener.failed(error));
  }

  /** The position of the last event, or else of the confirmation. */
  get offset(): string | undefined {
    return /,"([^"]+)"\]$/.exec(this.last?.toString() ?? '')?.[1];
  }

  subscribe(): void {
    this.send('42/events,["subscribe_to_orders"]');
  }

  drop(): void {
    this.socket.destroy();
  }

  private onData(data: Buffer): void {
    let buffer = this.rest.length > 0 ? Buffer.concat([this.rest, data]) : data;
    if (!this.upgraded) {
      const end = buffer.indexOf('\r\n\r\n');
      if (end < 0) {
        this.rest = buffer;
        return;
      }
      if (!buffer.toString('latin1', 0, 12).endsWith('101')) {
        return this.listener.failed(new Error(buffer.toString('latin1', 0, end)));
      }
      this.upgraded = true;
      buffer = buffer.subarray(end + 4);
    }
    let start = 0;
    while (buffer.length - start >= 2) {
      const short = (buffer[start + 1] ?? 0) & 127;
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (buffer.length - start < header) break;
      const length =
        short < 126
          ? short
          : short === 126
            ? buffer.readUInt16BE(start + 2)
            : Number(buffer.readBigUInt64BE(start + 2));
      if (buffer.length - start < header + length) break;
      this.onMessage(buffer.subarray(start + header, start + header + length));
      start += header + length;
    }
    this.rest = buffer.subarray(start);
  }

  private onMessage(payload: Buffer): void {
    const name = payload.length > NAME ? payload[NAME] : undefined;
    if (payload[0] !== 52 || payload[1] !== 50 || name === undefined) return this.onControl(payload.toString());
    if (name === E || name === R) return this.listener.failed(new Error(payload.toString()));
    if (name === S) return this.listener.subscribed();
    this.last = payload;
    if (name === C) this.listener.confirmed();
    else this.listener.event(payload);
  }

  private onControl(text: string): void {
    if (text === PING) this.send('3');
    else if (text.startsWith(OPEN ?? '')) this.send(`40/events,${JSON.stringify(this.auth())}`);
    else if (text.startsWith('40/events')) {
      this.pid = (JSON.parse(text.slice('40/events,'.length)) as { pid?: string }).pid;
      // Socket.IO's own recovery replays before it would confirm, and does not confirm.
      if (process.env['RECOVERY']) this.listener.confirmed();
    } else if (text.startsWith(CONNECT_ERROR ?? '')) this.listener.failed(new Error(text));
  }

  private send(text: string): void {
    const payload = Buffer.from(text);
    const long = payload.length > 125;
    const frame = Buffer.alloc((long ? 8 : 6) + payload.length);
    frame[0] = 0x81;
    frame[1] = 0x80 | (long ? 126 : payload.length);
    if (long) frame.writeUInt16BE(payload.length, 2);
    // A mask of zeros leaves the payload as it is.
    payload.copy(frame, long ? 8 : 6);
    this.socket.write(frame);
  }
}
