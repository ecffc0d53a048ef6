import { instantMs, SILENT_AFTER_MS } from "../../shared/time";
import type { EventView, StopView, TripView } from "../../shared/wire";

export type Warning = "silent" | "low_battery" | "implausible" | "late";

const LOW_BATTERY_PCT = 15;
const MOVING_ABOVE_MPS = 1.4;
// Flags of geo.fix.Flag that make a position hard to believe.
const DOUBTFUL_FLAGS = new Set(["jump", "mock", "frozen", "teleport"]);
const OPEN_STAGES = new Set(["assigned", "at_loading", "in_transit", "at_unloading"]);
const LATE_AFTER_MS = 5 * 60_000;

export const isOpen = (trip: TripView): boolean => OPEN_STAGES.has(trip.stage);

export const firstStop = (trip: TripView): StopView => trip.stops[0] as StopView;
export const lastStop = (trip: TripView): StopView => trip.stops.at(-1) as StopView;

/** "Бишкек → Ош", with the places between counted. */
export function routeTitle(trip: TripView): string {
  const between = trip.stops.length - 2;
  return `${firstStop(trip).name} → ${between > 0 ? `+${between} → ` : ""}${lastStop(trip).name}`;
}

/** The stop that is ahead or being visited; null when all are done. */
export const currentStop = (trip: TripView): StopView | null =>
  trip.stops.find((stop) => stop.departed_at === null) ?? null;

export const isSilent = (trip: TripView, nowMs: number): boolean =>
  isOpen(trip) && (trip.position ? nowMs - trip.position.fix_time_ms >= SILENT_AFTER_MS : trip.stage !== "assigned");

export const isMoving = (trip: TripView): boolean => (trip.position?.speed_mps ?? 0) > MOVING_ABOVE_MPS;

export const batteryPct = (trip: TripView): number | null =>
  trip.position?.battery_pct ?? trip.silence.battery_pct ?? null;

/** How much later than the last unloading window the truck is expected, or came; 0 when in time, null when unknown. */
export function latenessMs(trip: TripView): number | null {
  const stop = lastStop(trip);
  const windowToMs = instantMs(stop.window_to);
  const expectedMs = instantMs(stop.arrived_at) ?? trip.position?.eta_at_ms ?? null;
  if (windowToMs === null || expectedMs === null) {
    return null;
  }
  return expectedMs - windowToMs > LATE_AFTER_MS ? expectedMs - windowToMs : 0;
}

/** What the dispatcher should look at, the worst first. */
export function warningsOf(trip: TripView, nowMs: number): Warning[] {
  if (!isOpen(trip)) {
    return [];
  }
  const warnings: Warning[] = [];
  if (isSilent(trip, nowMs)) {
    warnings.push("silent");
  }
  if ((latenessMs(trip) ?? 0) > 0) {
    warnings.push("late");
  }
  if (trip.position?.flags?.some((flag) => DOUBTFUL_FLAGS.has(flag))) {
    warnings.push("implausible");
  }
  const battery = batteryPct(trip);
  if (battery !== null && battery <= LOW_BATTERY_PCT) {
    warnings.push("low_battery");
  }
  return warnings;
}

/** Travelled share of the planned road, 0 … 1; null without a route. */
export function progressShare(trip: TripView): number | null {
  if (trip.stage === "delivered" || lastStop(trip).arrived_at !== null) {
    return 1;
  }
  const length = trip.route_length_m;
  const left = trip.position?.distance_left_m;
  return length && left !== null && left !== undefined ? Math.min(1, Math.max(0, 1 - left / length)) : null;
}

export interface NextMark {
  stop: StopView;
  kind: "arrived" | "departed";
}

/** The mark that comes next in the trip's order; null when the trip is over. */
export function nextMark(trip: TripView): NextMark | null {
  const stop = isOpen(trip) ? currentStop(trip) : null;
  return stop && { stop, kind: stop.arrived_at === null ? "arrived" : "departed" };
}

/** Events of a trip that stand, oldest first. */
export const standing = (events: EventView[]): EventView[] => events.filter((event) => !event.withdrawn);
