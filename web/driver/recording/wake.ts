/** Keeps the screen on while wanted: a page behind a dark screen gets no positions. */
export class Wake {
  private lock: WakeLockSentinel | null = null;
  private wanted = false;

  constructor(private readonly changed: () => void) {
    // The system takes the lock away whenever the page is hidden.
    document.addEventListener("visibilitychange", () => void this.renew());
  }

  get held(): boolean {
    return this.lock !== null && !this.lock.released;
  }

  async want(wanted: boolean): Promise<void> {
    this.wanted = wanted;
    if (wanted) {
      await this.renew();
    } else {
      await this.lock?.release();
      this.lock = null;
    }
    this.changed();
  }

  private async renew(): Promise<void> {
    if (!this.wanted || this.held || document.visibilityState === "hidden" || !("wakeLock" in navigator)) {
      return;
    }
    try {
      this.lock = await navigator.wakeLock.request("screen");
      this.lock.addEventListener("release", this.changed);
    } catch {
      // Battery saver refuses; the page says so and advises a tracker app.
      this.lock = null;
    }
    this.changed();
  }
}
