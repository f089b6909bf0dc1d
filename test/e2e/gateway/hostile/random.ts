/** Stands in values that are sent; no answer may repeat it. */
export const MARKER = 'm4rk3r-of-the-hostile-client';

/** The same numbers in every run: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export class Random {
  constructor(private state: number) {}

  /** From 0 up to, and without, 1. */
  next(): number {
    this.state = (this.state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** From 0 up to, and without, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** The text of a JSON value that hardly any field wants. */
  json(): string {
    return this.pick(this.makers)();
  }

  /** One of each kind of such a value. */
  values(): string[] {
    return this.makers.map((make) => make());
  }

  private readonly makers: readonly [() => string, ...(() => string)[]] = [
    () => 'null',
    () => 'true',
    () => String(this.below(1_000) - 500),
    () => '1e308',
    () => '1e999',
    () => '-0',
    () => '0.1',
    () => '9007199254740993',
    () => '9223372036854775808',
    () => '""',
    () => JSON.stringify(`${MARKER}${'x'.repeat(this.below(3_000))}`),
    () => String.raw`"\u0000"`,
    () => String.raw`"\ud800"`,
    () => String.raw`"a\udc00b"`,
    () => String.raw`"\u202e\uffff\ufeff"`,
    () => '[]',
    () => '{}',
    () => `[${this.json()},${this.json()}]`,
    () =>
      `{"${this.pick(['a', '__proto__', 'constructor', 'prototype', 'toString', 'then', 'length'])}":${this.json()}}`,
    () => `{"__proto__":{"polluted":${JSON.stringify(MARKER)}}}`,
    () => `{"constructor":{"prototype":{"polluted":1}}}`,
    () => this.nested(this.pick([33, 100, 5_000, 50_000])),
    () => '{"type":"Buffer","data":[1,2,3]}',
    () => '{"_placeholder":true,"num":0}',
  ];

  nested(levels: number): string {
    return this.next() < 0.5
      ? '['.repeat(levels) + ']'.repeat(levels)
      : '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
  }
}
