import { wallMs } from "../../shared/time";
import type { NewStop, NewTrip, PlaceView } from "../../shared/wire";

/** A stop of the form: the city first, the exact point and the window as far as known. */
export interface DraftStop {
  key: number;
  kind: "loading" | "unloading";
  place: PlaceView | null;
  address: string;
  pin: { lat: number; lon: number } | null;
  windowFrom: string | null;
  windowTo: string | null;
}

export interface Draft {
  driverId: number | null;
  stops: DraftStop[];
  cargo: string;
  customer: string;
  weightKg: number | null;
  note: string;
}

export const FEWEST_STOPS = 2;
export const MOST_STOPS = 10;

let lastKey = 0;

export function emptyStop(kind: DraftStop["kind"]): DraftStop {
  lastKey += 1;
  return { key: lastKey, kind, place: null, address: "", pin: null, windowFrom: null, windowTo: null };
}

export const emptyDraft = (): Draft => ({
  driverId: null,
  stops: [emptyStop("loading"), emptyStop("unloading")],
  cargo: "",
  customer: "",
  weightKg: null,
  note: "",
});

/** Whether anything was entered that closing the form would lose. */
export const isStarted = (draft: Draft): boolean =>
  [draft.driverId, draft.weightKg, draft.cargo, draft.customer, draft.note].some(Boolean) ||
  draft.stops.length > FEWEST_STOPS ||
  draft.stops.some((stop) => stop.place || stop.address || stop.windowFrom || stop.windowTo);

/** The stops with their first a loading and their last an unloading, whatever was moved or removed. */
export function ordered(stops: DraftStop[]): DraftStop[] {
  return stops.map((stop, index) => {
    const kind = index === 0 ? "loading" : index === stops.length - 1 ? "unloading" : stop.kind;
    return kind === stop.kind ? stop : { ...stop, kind };
  });
}

/** The stops with one at another place in the order. */
export function moved(stops: DraftStop[], from: number, to: number): DraftStop[] {
  const stop = stops[from];
  if (!stop || to < 0 || to >= stops.length) {
    return stops;
  }
  const rest = stops.filter((_, index) => index !== from);
  return ordered([...rest.slice(0, to), stop, ...rest.slice(to)]);
}

/** One more stop before the last. */
export const added = (stops: DraftStop[]): DraftStop[] =>
  ordered([...stops.slice(0, -1), emptyStop("unloading"), ...stops.slice(-1)]);

export const removed = (stops: DraftStop[], index: number): DraftStop[] =>
  ordered(stops.filter((_, other) => other !== index));

/** The points of a route preview; null until every stop has a place. */
export function routePoints(stops: DraftStop[]): [lat: number, lon: number][] | null {
  const points = stops.map((stop): [number, number] | null =>
    stop.pin ? [stop.pin.lat, stop.pin.lon] : stop.place && [stop.place.lat, stop.place.lon],
  );
  return points.every((point) => point !== null) ? points : null;
}

/** Whether a stop's window ends before it begins. Wall times of one form sort as texts. */
export const isReversed = (stop: DraftStop): boolean =>
  stop.windowFrom !== null && stop.windowTo !== null && stop.windowTo < stop.windowFrom;

export type Gap = "driver" | "place" | "cargo" | "window";

/** What still misses before the trip can be given. */
export function gapsOf(draft: Draft): Gap[] {
  const gaps: Gap[] = [];
  if (draft.driverId === null) {
    gaps.push("driver");
  }
  if (draft.stops.some((stop) => stop.place === null)) {
    gaps.push("place");
  }
  if (!draft.cargo.trim()) {
    gaps.push("cargo");
  }
  if (draft.stops.some(isReversed)) {
    gaps.push("window");
  }
  return gaps;
}

/** The form as the hub wants it; only when nothing misses. */
export const newTripOf = (draft: Draft): NewTrip => ({
  driver_id: draft.driverId ?? 0,
  stops: draft.stops.map(newStopOf),
  cargo_name: draft.cargo.trim(),
  customer_name: draft.customer.trim(),
  weight_kg: draft.weightKg,
  note: draft.note.trim(),
});

function newStopOf(stop: DraftStop): NewStop {
  const place = stop.place as PlaceView;
  return {
    kind: stop.kind,
    name: place.name,
    country: place.country,
    timezone: place.timezone,
    place_id: place.id,
    address: stop.address.trim(),
    lat: stop.pin?.lat ?? place.lat,
    lon: stop.pin?.lon ?? place.lon,
    exact: stop.pin !== null,
    window_from: instant(stop.windowFrom, place.timezone),
    window_to: instant(stop.windowTo, place.timezone),
  };
}

const instant = (wall: string | null, timezone: string): string | null =>
  wall && new Date(wallMs(wall, timezone)).toISOString();
