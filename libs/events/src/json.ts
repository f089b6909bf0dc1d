import { z } from 'zod';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Levels of nesting accepted in free-form JSON. Deeper input would overflow the stack of whoever serializes it. */
export const MAX_JSON_DEPTH = 32;

/** No half of a surrogate pair, which no UTF-8 can spell: two such texts would become the same one in a file. */
export const WELL_FORMED = /^\P{Surrogate}*$/u;

/** Any JSON value, at most {@link MAX_JSON_DEPTH} levels deep, of well-formed texts. */
export const json = z.custom<Json>(isKeepableJson, `must be well-formed JSON of at most ${MAX_JSON_DEPTH} levels`);

export const jsonObject = z.custom<{ [key: string]: Json }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && isKeepableJson(value),
  `must be a well-formed JSON object of at most ${MAX_JSON_DEPTH} levels`,
);

/** JSON that a recursive reader survives. */
export function isShallowJson(value: unknown): boolean {
  return eachTextOf(value, () => true);
}

/** JSON that a recursive reader survives, and that comes out of a file as it was put in. */
export function isKeepableJson(value: unknown): boolean {
  return eachTextOf(value, (text) => WELL_FORMED.test(text));
}

/** Iterative on purpose: the input is hostile until this has passed. */
function eachTextOf(value: unknown, allowed: (text: string) => boolean): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_JSON_DEPTH; depth++) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === 'object' && item !== null) {
        if (ArrayBuffer.isView(item) || item instanceof ArrayBuffer) return false;
        for (const [key, child] of Object.entries(item)) {
          if (!allowed(key)) return false;
          next.push(child);
        }
      } else if (typeof item === 'string') {
        if (!allowed(item)) return false;
      } else if (!['number', 'boolean', 'object'].includes(typeof item)) {
        return false;
      }
    }
    if (next.length === 0) return true;
    level = next;
  }
  return false;
}
