import type { OmsError } from '@lib/events';

type Emitter = { emit(event: 'error', body: unknown): unknown };

/** Tells a client that its message was refused: by its acknowledgement, else by the `error` event. */
export function refuse(socket: Emitter, ack: unknown, error: OmsError): void {
  if (typeof ack === 'function') ack({ ok: false, error: error.toBody() });
  else socket.emit('error', error.toBody());
}
