import { OmsError } from '@lib/events';
import type { RealtimeSocket } from './socket.js';

/** The longest delay that a timer takes: a longer one would fire at once. */
const LONGEST_TIMER = 2_147_483_647;

/**
 * Closes the connection when its token ends. The connection, not the client: it comes back by itself, and is told
 * then that its token has expired. Answers how to call it off.
 */
export function endWithToken(socket: RealtimeSocket, expiresAt: number): () => void {
  let timer: NodeJS.Timeout;
  // Looked at again where the end is further away than a timer reaches, and where the clock was put back.
  const arm = (): void => {
    const left = Math.min(Math.max(expiresAt - Date.now(), 1), LONGEST_TIMER);
    timer = setTimeout(() => {
      if (Date.now() < expiresAt) return arm();
      socket.emit('error', new OmsError('token_expired').toBody());
      socket.conn.close();
    }, left).unref();
  };
  arm();
  return () => clearTimeout(timer);
}
