/** Lets one tab of this browser record; a second one learns that it may not. */
export class Exclusive {
  private release: (() => void) | null = null;

  constructor(private readonly name: string) {}

  get held(): boolean {
    return this.release !== null;
  }

  /** Takes the right to record; false when another tab has it. */
  async take(): Promise<boolean> {
    if (this.held || !("locks" in navigator)) {
      return true;
    }
    return new Promise((answer) => {
      void navigator.locks.request(this.name, { ifAvailable: true }, (lock) => {
        answer(lock !== null);
        return lock
          ? new Promise<void>((resolve) => {
              this.release = resolve;
            })
          : undefined;
      });
    });
  }

  give(): void {
    this.release?.();
    this.release = null;
  }
}
