import type { StopView, TripView } from "../../shared/wire";
import type { QueuedMark } from "../queue/database";

/** The button the driver needs next; `last` for handing over the cargo. */
export interface NextStage {
  stop: StopView;
  kind: QueuedMark["kind"];
  last: boolean;
}

/** A stop with what was pressed on this phone and is not at the hub yet. */
export interface ShownStop extends StopView {
  pending: boolean;
}

/** The trip's stops as the driver pressed them: what waits in the queue counts as pressed. */
export function shownStops(trip: TripView, queued: readonly QueuedMark[]): ShownStop[] {
  return trip.stops.map((stop) =>
    queued.filter((mark) => mark.stop_id === stop.id).reduce<ShownStop>(withMark, { ...stop, pending: false }),
  );
}

function withMark(stop: ShownStop, mark: QueuedMark): ShownStop {
  const at = mark.undo ? null : mark.at;
  const source = mark.undo ? null : "driver";
  return mark.kind === "arrived"
    ? { ...stop, arrived_at: at, arrived_source: source, pending: true }
    : { ...stop, departed_at: at, departed_source: source, pending: true };
}

/** The next stage in order; null when the cargo is handed over. */
export function nextStage(stops: readonly ShownStop[]): NextStage | null {
  const stop = stops.find((one) => one.departed_at === null);
  if (!stop) {
    return null;
  }
  const last = stop === stops.at(-1);
  return { stop, kind: stop.arrived_at === null ? "arrived" : "departed", last };
}

/** The mark the driver himself made last, the only one he may take back from the page. */
export function undoable(stops: readonly ShownStop[]): { stop: ShownStop; kind: QueuedMark["kind"] } | null {
  const stop = stops.findLast((one) => one.arrived_at !== null);
  if (!stop) {
    return null;
  }
  if (stop.departed_at !== null) {
    return stop.departed_source === "driver" ? { stop, kind: "departed" } : null;
  }
  return stop.arrived_source === "driver" ? { stop, kind: "arrived" } : null;
}
