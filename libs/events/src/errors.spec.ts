import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, OmsError, type ErrorCode } from './errors.js';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');

/** The rows of the page's table: code → the cells behind it. */
const documented = new Map(
  PAGE.split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => /^`\w+`$/.test(cells[1] ?? ''))
    .map((cells): [string, string[]] => [(cells[1] ?? '').slice(1, -1), cells.slice(2, -1)]),
);
const codes = Object.keys(ERRORS) as ErrorCode[];

describe('the table of errors and docs/errors.md', () => {
  it('name the same codes, in the same order', () => {
    expect([...documented.keys()]).toEqual(codes);
  });

  it.each(codes)('agree on %s: status, retryable and message, with a meaning and what to do', (code) => {
    const { status, retryable, message } = ERRORS[code];
    const [meaning, remedy] = documented.get(code)?.slice(3) ?? [];
    expect(documented.get(code)?.slice(0, 3)).toEqual([String(status), retryable ? 'yes' : 'no', message]);
    expect(meaning).toMatch(/\.$/);
    expect(remedy).toMatch(/\.$/);
  });

  it('mean by retryable what the status means: too many, or not here now', () => {
    expect(codes.filter((code) => ERRORS[code].retryable)).toEqual(
      codes.filter((code) => ERRORS[code].status === 429 || ERRORS[code].status >= 500),
    );
  });
});

describe('OmsError', () => {
  it('shows code and message, and fields and details where there are any', () => {
    expect(new OmsError('forbidden', { cause: new Error('secret') }).toBody()).toEqual({
      code: 'forbidden',
      message: ERRORS.forbidden.message,
    });
    const fields = [{ field: 'a', message: 'b' }];
    expect(new OmsError('invalid_payload', { fields, details: { c: 1 }, message: 'd' }).toBody()).toEqual({
      code: 'invalid_payload',
      message: 'd',
      fields,
      details: { c: 1 },
    });
  });
});
