import { readFileSync } from 'node:fs';

/** Names the time since this machine was started; the same for every process. Empty where the system does not tell. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
