/**
 * One message as it goes over the wire, made once whoever receives it: for WebSocket the bytes of a whole
 * frame, for polling the Socket.IO packet, which Engine.IO wraps itself.
 */
export class Frame {
  private encoded: Buffer | undefined;

  private constructor(
    /** The Socket.IO packet (https://socket.io/docs/v4/socket-io-protocol/), such as `2/events,["pong",{}]`. */
    readonly packet: string,
  ) {}

  /** An event with its arguments. A position must be the last one, and no other string may be. */
  static event(namespace: string, name: string, payload: object, position?: string): Frame {
    const prefix = namespace === '/' ? '2' : `2${namespace},`;
    const args = position === undefined ? [name, payload] : [name, payload, position];
    return new Frame(prefix + JSON.stringify(args));
  }

  /** An unmasked WebSocket text frame (RFC 6455, section 5.2) around the Engine.IO `message` packet (`4`). */
  get bytes(): Buffer {
    return (this.encoded ??= encode(`4${this.packet}`));
  }
}

const FIN_TEXT = 0x81;

function encode(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(header + length);
  bytes[0] = FIN_TEXT;
  if (header === 2) {
    bytes[1] = length;
  } else if (header === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  bytes.write(text, header);
  return bytes;
}
