import { LightClient } from './light-client.js';

/** What the bench asks of its load: many clients, which remember pid and position as stock clients do. */
export type SwarmCommand =
  /** Opens clients, a few at a time; resolves when all of them are confirmed. */
  | { do: 'open'; url: string; tokens: string[] }
  /** As `open`, beside those that are open already. */
  | { do: 'more'; url: string; tokens: string[] }
  /** Brings all clients back at once, from where each was when it was first dropped. Milliseconds until `count` events have come. */
  | { do: 'return'; url: string; tokens: string[]; count: number }
  /** Subscribes every client to all orders; resolves when all are confirmed. */
  | { do: 'subscribe' }
  /** Resolves when `count` events have come since the last `reset`, over all clients. */
  | { do: 'await'; count: number }
  | { do: 'reset' }
  /** Breaks every connection without a word. */
  | { do: 'drop' }
  /** Latencies in milliseconds of the events since the last reset: p50, p99, max. */
  | { do: 'latency' };

/** Connections that are being opened at a time. */
const OPENING = 64;
/** One client in so many measures latency. */
const MEASURED = 10;

interface Slot {
  client: LightClient;
  /** Where it was when it was first dropped: each return begins there. */
  home?: { pid: string; offset: string };
  subscribed?: () => void;
}

let slots: Slot[] = [];
let received = 0;
let latencies: number[] = [];
let check = (): void => undefined;

function open(url: string, token: string, index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const home = slots[index]?.home;
    const slot: Slot = {
      ...(home && { home }),
      client: new LightClient(url, () => ({ ...home, token }), {
        event: (payload) => {
          received++;
          if (index % MEASURED === 0) {
            const sent = /"message":"(\d{13})"/.exec(payload.toString('latin1'));
            if (sent) latencies.push(Date.now() - Number(sent[1]));
          }
          check();
        },
        confirmed: resolve,
        subscribed: () => slot.subscribed?.(),
        failed: reject,
      }),
    };
    slots[index] = slot;
  });
}

async function openAll(url: string, tokens: readonly string[], first: number, atOnce: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < tokens.length; index = next++) await open(url, tokens[index] ?? '', first + index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function arrived(count: number): Promise<void> {
  return new Promise((resolve) => {
    check = () => {
      if (received < count) return;
      check = () => undefined;
      resolve();
    };
    check();
  });
}

function drop(slot: Slot): void {
  const { client } = slot;
  client.drop();
  if (client.pid !== undefined && client.offset !== undefined) {
    slot.home ??= { pid: client.pid, offset: client.offset };
  }
}

async function run(command: SwarmCommand): Promise<unknown> {
  switch (command.do) {
    case 'open':
      slots = [];
      await openAll(command.url, command.tokens, 0, OPENING);
      return 0;
    case 'more':
      await openAll(command.url, command.tokens, slots.length, OPENING);
      return 0;
    case 'return': {
      const began = performance.now();
      const opened = openAll(command.url, command.tokens, 0, command.tokens.length);
      await arrived(command.count);
      const took = performance.now() - began;
      await opened;
      return took;
    }
    case 'subscribe':
      await Promise.all(
        slots.map(
          (slot) =>
            new Promise<void>((resolve) => {
              slot.subscribed = resolve;
              slot.client.subscribe();
            }),
        ),
      );
      return 0;
    case 'await':
      await arrived(command.count);
      return received;
    case 'reset':
      received = 0;
      latencies = [];
      return 0;
    case 'drop':
      slots.forEach(drop);
      return 0;
    case 'latency': {
      const sorted = latencies.toSorted((one, other) => one - other);
      const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
      return { p50: at(0.5), p99: at(0.99), max: at(1) };
    }
  }
}

process.on('message', ({ id, command }: { id: number; command: SwarmCommand }) => {
  run(command).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
