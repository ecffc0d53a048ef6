import { type FixQueue, StorageFull } from "../queue/fixes";
import { Exclusive } from "./exclusive";
import { owntracksFix } from "./owntracks";
import type { Phone } from "./phone";
import { type Sample, STANDING_EVERY_MS, worthKeeping } from "./sampling";
import { Wake } from "./wake";

/**
 * searching: no measurement yet. denied: the person or the phone forbids it. elsewhere: another tab records.
 * insecure: the page came over plain http, where browsers give no place to anybody.
 */
export type RecorderState = "off" | "searching" | "recording" | "denied" | "unavailable" | "elsewhere" | "insecure";

const atRest = (): RecorderState => (isSecureContext ? "off" : "insecure");

/** Takes positions from the browser and puts those worth keeping into the queue. */
export class Recorder {
  state: RecorderState = atRest();
  position: GeolocationPosition | null = null;
  /** Points that found no room on this phone. */
  unsaved = 0;
  readonly wake: Wake;
  private readonly exclusive: Exclusive;
  private watch: number | null = null;
  private beat: ReturnType<typeof setInterval> | undefined;
  private last: Sample | null = null;

  constructor(
    login: string,
    private readonly queue: FixQueue,
    private readonly phone: Phone,
    private readonly kept: () => void,
    private readonly changed: () => void,
  ) {
    this.exclusive = new Exclusive(`recording-${login}`);
    this.wake = new Wake(changed);
  }

  async start(): Promise<void> {
    if (!isSecureContext) {
      this.become("insecure");
      return;
    }
    if (!("geolocation" in navigator)) {
      this.become("unavailable");
      return;
    }
    if (!(await this.exclusive.take())) {
      this.become("elsewhere");
      return;
    }
    this.last = null;
    this.become("searching");
    const options: PositionOptions = { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 };
    const take = (position: GeolocationPosition) => void this.take(position);
    const fail = (reason: GeolocationPositionError) => this.failed(reason);
    this.watch = navigator.geolocation.watchPosition(take, fail, options);
    // A standing phone may report nothing at all; a stop needs points too.
    this.beat = setInterval(
      () => navigator.geolocation.getCurrentPosition(take, fail, { ...options, maximumAge: 20_000 }),
      STANDING_EVERY_MS,
    );
    await this.wake.want(true);
  }

  async stop(): Promise<void> {
    this.halt();
    this.become(atRest());
    await this.wake.want(false);
  }

  private halt(): void {
    if (this.watch !== null) {
      navigator.geolocation.clearWatch(this.watch);
      this.watch = null;
    }
    clearInterval(this.beat);
    this.exclusive.give();
  }

  private become(state: RecorderState): void {
    this.state = state;
    this.changed();
  }

  private failed(reason: GeolocationPositionError): void {
    if (reason.code === reason.PERMISSION_DENIED) {
      this.halt();
      this.become("denied");
      void this.wake.want(false);
    } else if (this.state === "recording") {
      // A tunnel, a garage: the watch goes on by itself.
      this.become("searching");
    }
  }

  private async take(position: GeolocationPosition): Promise<void> {
    if (this.watch === null) {
      return;
    }
    this.position = position;
    const { coords, timestamp } = position;
    const sample: Sample = {
      atMs: timestamp,
      lat: coords.latitude,
      lon: coords.longitude,
      accuracy_m: coords.accuracy,
      bearing_deg: coords.heading,
    };
    if (worthKeeping(this.last, sample)) {
      this.last = sample;
      await this.keep(position);
    }
    this.become("recording");
  }

  private async keep(position: GeolocationPosition): Promise<void> {
    try {
      await this.queue.add(owntracksFix(position, this.phone.state(), "t", Date.now()));
      this.unsaved = 0;
      this.kept();
    } catch (reason) {
      if (!(reason instanceof StorageFull)) {
        throw reason;
      }
      this.unsaved = this.unsaved + 1;
    }
  }
}
