import type { TripView } from "../../shared/wire";
import { isOpen, lastStop, latenessMs, routeTitle, warningsOf } from "../trip/status";

export type Filter = "all" | "assigned" | "at_loading" | "in_transit" | "at_unloading" | "attention" | "finished";
export type Order = "attention" | "eta" | "window" | "driver" | "newest";

export const FILTERS: Filter[] = [
  "all",
  "attention",
  "assigned",
  "at_loading",
  "in_transit",
  "at_unloading",
  "finished",
];
export const ORDERS: Order[] = ["attention", "eta", "window", "driver", "newest"];

/** Whether a trip belongs under a filter; `all` are the open ones. */
export function matches(trip: TripView, filter: Filter, nowMs: number): boolean {
  switch (filter) {
    case "all":
      return isOpen(trip);
    case "finished":
      return !isOpen(trip);
    case "attention":
      return warningsOf(trip, nowMs).length > 0;
    default:
      return trip.stage === filter;
  }
}

/** How many trips each filter would show. */
export function countsOf(trips: TripView[], nowMs: number): Record<Filter, number> {
  const counts = Object.fromEntries(FILTERS.map((filter) => [filter, 0])) as Record<Filter, number>;
  for (const trip of trips) {
    for (const filter of FILTERS) {
      counts[filter] += matches(trip, filter, nowMs) ? 1 : 0;
    }
  }
  return counts;
}

/** The trips to list: every word of `words` is somewhere in the driver, plate, city, cargo, customer or number. */
export function selected(trips: TripView[], filter: Filter, words: string, order: Order, nowMs: number): TripView[] {
  const wanted = folded(words).split(" ").filter(Boolean);
  return trips
    .filter((trip) => matches(trip, filter, nowMs))
    .filter((trip) => wanted.length === 0 || wanted.every((word) => haystack(trip).includes(word)))
    .sort((a, b) => COMPARE[order](a, b, nowMs) || b.id - a.id);
}

const MINUTE_MS = 60_000;

type Compare = (a: TripView, b: TripView, nowMs: number) => number;

const COMPARE: Record<Order, Compare> = {
  attention: (a, b, nowMs) => urgency(b, nowMs) - urgency(a, nowMs) || etaOf(a) - etaOf(b),
  eta: (a, b) => etaOf(a) - etaOf(b),
  window: (a, b) => windowOf(a) - windowOf(b),
  driver: (a, b) => a.driver.name.localeCompare(b.driver.name, "ru"),
  newest: (a, b) => b.id - a.id,
};

const WEIGHTS = { late: 8, silent: 4, implausible: 2, low_battery: 1 } as const;

const urgency = (trip: TripView, nowMs: number): number =>
  warningsOf(trip, nowMs).reduce((sum, warning) => sum + WEIGHTS[warning], 0) + ((latenessMs(trip) ?? 0) > 0 ? 1 : 0);

// By the minute, as it is shown: an estimate a second later than its neighbour's must not make rows change places.
const etaOf = (trip: TripView): number => {
  const etaMs = trip.position?.eta_at_ms;
  return etaMs ? Math.floor(etaMs / MINUTE_MS) : Number.MAX_SAFE_INTEGER;
};

function windowOf(trip: TripView): number {
  const to = lastStop(trip).window_to;
  return to ? Date.parse(to) : Number.MAX_SAFE_INTEGER;
}

// A trip never changes in place, so what is searched in it is put together once.
const haystacks = new WeakMap<TripView, string>();

function haystack(trip: TripView): string {
  const known = haystacks.get(trip);
  if (known !== undefined) {
    return known;
  }
  const { driver, stops } = trip;
  const words = [
    ...[
      driver.name,
      driver.vehicle_plate,
      driver.vehicle_plate.replaceAll(" ", ""),
      driver.phone,
      driver.vehicle_model,
    ],
    ...stops.flatMap((stop) => [stop.name, stop.address]),
    ...[routeTitle(trip), trip.cargo_name, trip.customer_name, `№${trip.order_id}`],
  ];
  const text = folded(words.filter(Boolean).join(" "));
  haystacks.set(trip, text);
  return text;
}

/** Lower case, ё as е, one space: what people mean when they type. */
export const folded = (text: string): string =>
  text.toLocaleLowerCase("ru").replaceAll("ё", "е").replaceAll(/\s+/g, " ").trim();
