import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RealtimeSocket } from './socket.js';
import { endWithToken } from './token-end.js';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

describe('a connection whose token ends', () => {
  let seen: unknown[];
  const socket = {
    emit: (event: string, { code }: { code: string }) => seen.push(`${event} ${code}`),
    conn: { close: () => seen.push('closed') },
  } as unknown as RealtimeSocket;
  const ENDED = ['error token_expired', 'closed'];

  beforeEach(() => {
    seen = [];
    jest.useFakeTimers({ now: NOW });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is told and closed then, once', () => {
    endWithToken(socket, NOW + 3_000);
    jest.advanceTimersByTime(2_999);
    expect(seen).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(seen).toEqual(ENDED);
    jest.advanceTimersByTime(10_000);
    expect(seen).toEqual(ENDED);
  });

  it('is closed at that time of the clock, also where the clock was put back meanwhile', () => {
    endWithToken(socket, NOW + 3_000);
    jest.advanceTimersByTime(1_000);
    jest.setSystemTime(NOW + 900);
    jest.advanceTimersByTime(2_000);
    expect(seen).toEqual([]);
    jest.advanceTimersByTime(100);
    expect(seen).toEqual(ENDED);
  });

  it('is closed then, and not at once, where that is further away than a timer reaches', () => {
    endWithToken(socket, NOW + 30 * DAY);
    jest.advanceTimersByTime(30 * DAY - 1);
    expect(seen).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(seen).toEqual(ENDED);
  });

  it('is closed at once where the token has ended already', () => {
    endWithToken(socket, NOW - 1);
    jest.advanceTimersByTime(1);
    expect(seen).toEqual(ENDED);
  });

  it('is left alone once that was called off', () => {
    const callOff = endWithToken(socket, NOW + 60 * DAY);
    jest.advanceTimersByTime(30 * DAY);
    callOff();
    jest.advanceTimersByTime(60 * DAY);
    expect(seen).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
