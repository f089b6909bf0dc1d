import { Logger } from '@nestjs/common';

/** Collects what is logged instead of printing it, until `restore`. */
export function recordLog(): { lines: string[]; restore: () => void } {
  const lines: string[] = [];
  const record = (message: unknown): void => void lines.push(String(message));
  Logger.overrideLogger({ log: record, error: record, warn: record, debug: record, verbose: record, fatal: record });
  return { lines, restore: () => Logger.overrideLogger(['error', 'warn', 'log']) };
}
