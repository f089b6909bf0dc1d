import { z } from 'zod';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Levels of nesting accepted in free-form JSON. Deeper input would overflow the stack of whoever serializes it. */
export const MAX_JSON_DEPTH = 32;

/** No half of a surrogate pair, which no UTF-8 can spell: two such texts would become the same one in a file. */
export const WELL_FORMED = /^\P{Surrogate}*$/u;

/** Any JSON value, at most {@link MAX_JSON_DEPTH} levels deep. */
export const json = z.custom<Json>(isShallowJson, `must be JSON of at most ${MAX_JSON_DEPTH} levels`);

export const jsonObject = z.custom<{ [key: string]: Json }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && isShallowJson(value),
  `must be a JSON object of at most ${MAX_JSON_DEPTH} levels`,
);

/** Iterative on purpose: the input is hostile until this has passed. */
export function isShallowJson(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_JSON_DEPTH; depth++) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === 'object' && item !== null) {
        if (ArrayBuffer.isView(item) || item instanceof ArrayBuffer) return false;
        for (const key of Object.keys(item)) if (!WELL_FORMED.test(key)) return false;
        for (const child of Object.values(item)) next.push(child);
      } else if (typeof item === 'string') {
        if (!WELL_FORMED.test(item)) return false;
      } else if (!['number', 'boolean', 'object'].includes(typeof item)) {
        return false;
      }
    }
    if (next.length === 0) return true;
    level = next;
  }
  return false;
}
