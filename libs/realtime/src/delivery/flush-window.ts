/** The longest window, in milliseconds. */
const MAX_WINDOW = 25;
/** The window after a flush, as a multiple of what that flush took. */
const REST = 2;

/**
 * When to flush. At once when idle; when busy, after a pause that grows with what a flush costs, so that
 * frames for one socket gather into one write, and never past {@link MAX_WINDOW}.
 */
export class FlushWindow {
  private opensAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly flush: () => void) {}

  request(): void {
    if (this.timer) return;
    const wait = this.opensAt - performance.now();
    if (wait <= 0) this.run();
    else this.timer = setTimeout(() => this.run(), wait);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private run(): void {
    this.stop();
    const began = performance.now();
    this.flush();
    const ended = performance.now();
    const rest = (ended - began) * REST;
    // A timer counts whole milliseconds: a shorter rest would cost more than it saves.
    this.opensAt = rest < 1 ? 0 : ended + Math.min(rest, MAX_WINDOW);
  }
}
