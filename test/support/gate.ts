/** Something that is waited for, and comes when a test says so. */
export class Gate {
  readonly opened: Promise<void>;
  open: () => void = nothing;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

function nothing(): void {}
