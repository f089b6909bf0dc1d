import { afterAll } from '@jest/globals';

const ends: (() => Promise<void>)[] = [];

/** Runs when the test file ends, the latest first: what was started on top of something stops before it. */
export function atEnd(end: () => Promise<void>): void {
  ends.push(end);
}

afterAll(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
