import type { EventView, PositionView, ServerMessage, TripView } from "../../shared/wire";
import { isOpen } from "../trip/status";

const EVENTS_KEPT = 500;
const CALM_MS = 1_000;

type Listener = () => void;

/**
 * The organisation's trips as the live room tells them. Every change makes a new list and new objects for what
 * changed, so a row that shows an unchanged trip is not drawn again.
 */
export class Fleet {
  private trips = new Map<number, TripView>();
  private shown: TripView[] = [];
  private calm: TripView[] = [];
  private calmTimer: ReturnType<typeof setTimeout> | undefined;
  private seenEvents = new Map<string, true>();
  private readonly listeners = new Set<Listener>();
  /** Server clock minus this machine's. */
  skewMs = 0;
  /** Whether a first snapshot came. */
  loaded = false;

  readonly list = (): TripView[] => this.shown;

  /** The same for what is read and not watched: positions alone renew it once a second, anything else at once. */
  readonly calmList = (): TripView[] => this.calm;

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get(tripId: number): TripView | undefined {
    return this.trips.get(tripId);
  }

  nowMs(): number {
    return Date.now() + this.skewMs;
  }

  /** Takes a frame in; returns the event when it is one not seen before. */
  take(frame: ServerMessage): EventView | null {
    switch (frame.type) {
      case "snapshot":
        this.skewMs = frame.server_time_ms - Date.now();
        this.replace(frame.trips);
        return null;
      case "positions":
        this.skewMs = frame.server_time_ms - Date.now();
        this.move(frame.positions);
        return null;
      case "trip":
        this.put(frame.trip);
        return null;
      case "trip_gone":
        this.forget(frame.trip_id);
        return null;
      case "event":
        return this.isNews(frame.event) ? frame.event : null;
      default:
        return null;
    }
  }

  /** Takes in a trip that an action of this page returned, without waiting for the room; one of the archive stays there. */
  change(trip: TripView): void {
    if (this.trips.has(trip.id) || isOpen(trip)) {
      this.put(trip);
    }
  }

  /** Takes in all open trips, read without the room: an open one they do not name has ended, a finished one stays. */
  fill(open: TripView[]): void {
    const finished = [...this.trips.values()].filter((trip) => !isOpen(trip));
    this.replace([...finished, ...open]);
  }

  private put(trip: TripView): void {
    this.trips.set(trip.id, this.merged(trip));
    this.publish();
  }

  private forget(tripId: number): void {
    this.trips.delete(tripId);
    this.publish();
  }

  private merged(trip: TripView): TripView {
    return { ...trip, position: newest(trip.position, this.trips.get(trip.id)?.position) };
  }

  private replace(trips: TripView[]): void {
    this.trips = new Map(trips.map((trip) => [trip.id, this.merged(trip)]));
    this.loaded = true;
    this.publish();
  }

  private move(positions: PositionView[]): void {
    let moved = false;
    for (const position of positions) {
      const trip = this.trips.get(position.trip_id);
      if (trip && newest(position, trip.position) === position) {
        this.trips.set(trip.id, { ...trip, position });
        moved = true;
      }
    }
    if (moved) {
      this.calmTimer ??= setTimeout(() => this.publish(), CALM_MS);
      this.tell();
    }
  }

  private isNews(event: EventView): boolean {
    const key = `${event.id}.${event.revision}`;
    if (this.seenEvents.has(key)) {
      return false;
    }
    this.seenEvents.set(key, true);
    if (this.seenEvents.size > EVENTS_KEPT) {
      const [oldest] = this.seenEvents.keys();
      this.seenEvents.delete(oldest as string);
    }
    return true;
  }

  private publish(): void {
    clearTimeout(this.calmTimer);
    this.calmTimer = undefined;
    this.calm = [...this.trips.values()];
    this.tell();
  }

  private tell(): void {
    this.shown = [...this.trips.values()];
    for (const listener of this.listeners) {
      listener();
    }
  }
}

/** The position with the higher sequence; of two equal ones the one already shown. */
export function newest(
  offered: PositionView | null | undefined,
  shown: PositionView | null | undefined,
): PositionView | null {
  if (!offered || !shown) {
    return offered ?? shown ?? null;
  }
  return offered.sequence > shown.sequence ? offered : shown;
}
