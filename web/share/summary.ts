import { kilometres } from "../shared/figures";
import {
  ageWords,
  clockTime,
  dayTime,
  durationWords,
  instantMs,
  type Language,
  SILENT_AFTER_MS,
  windowWords,
  zoneLabel,
} from "../shared/time";
import type { PublicStop, PublicTrip } from "../shared/wire";
import type { Words } from "./words";

/** good: as it should be; warn: look at it; bad: it is over without delivery; quiet: nothing to say. */
export type Tone = "good" | "warn" | "bad" | "quiet";

/** Everything the page says about the trip at a moment, in words; no other place puts words together. */
export interface Summary {
  stage: string;
  stageTone: Tone;
  where: string;
  arrival: Arrival | null;
  progress: Progress | null;
  freshness: Freshness;
  stops: StopSummary[];
  facts: [name: string, value: string][];
  linkEnds: string;
}

export interface Arrival {
  label: string;
  time: string;
  detail: string;
  verdict: string;
  tone: Tone;
}

export interface Progress {
  share: number;
  words: string;
}

export interface Freshness {
  words: string;
  why: string;
  tone: Tone;
}

export interface StopSummary {
  number: number;
  name: string;
  kind: string;
  state: "done" | "here" | "ahead";
  lines: [name: string, value: string, note: string][];
}

const STANDING_BELOW_MPS = 1.4;

export const isOver = (trip: PublicTrip) => ["delivered", "cancelled", "failed"].includes(trip.stage);

/** The stop the truck stands at or drives to; undefined when the trip is over. */
export function nextStop(trip: PublicTrip): PublicStop | undefined {
  return isOver(trip) ? undefined : trip.stops.find((stop) => stop.departed_at === null);
}

/** "Бишкек → Ош". */
export function titleOf(trip: PublicTrip): string {
  const [first, last] = [trip.stops[0], trip.stops.at(-1)];
  return first && last ? `${first.name} → ${last.name}` : trip.cargo_name;
}

/** Says the trip as of `nowMs` on the hub's clock. */
export function summarise(trip: PublicTrip, nowMs: number, language: Language, words: Words): Summary {
  return {
    stage: words.stage[trip.stage],
    stageTone: stageTone(trip),
    where: whereWords(trip, nowMs, language, words),
    arrival: arrivalOf(trip, nowMs, language, words),
    progress: progressOf(trip, words),
    freshness: freshnessOf(trip, nowMs, language, words),
    stops: trip.stops.map((stop) => stopSummary(stop, trip, nowMs, language, words)),
    facts: factsOf(trip, language, words),
    linkEnds: linkWords(trip, nowMs, language, words),
  };
}

function stageTone(trip: PublicTrip): Tone {
  if (trip.stage === "cancelled" || trip.stage === "failed") {
    return "bad";
  }
  return trip.stage === "assigned" ? "quiet" : "good";
}

function whereWords(trip: PublicTrip, nowMs: number, language: Language, words: Words): string {
  const stop = nextStop(trip);
  const last = trip.stops.at(-1);
  switch (trip.stage) {
    case "delivered": {
      const at = deliveredMs(trip);
      return at === null || !last ? "" : words.deliveredAt(dayTime(at, last.timezone, language, nowMs));
    }
    case "cancelled":
      return words.cancelled;
    case "failed":
      return words.failed;
    case "assigned":
      return stop ? words.toLoading(stop.name) : "";
    case "in_transit":
      return stop && stop !== last ? words.headingTo(stop.name) : "";
    default: {
      const since = instantMs(stop?.arrived_at);
      return stop ? words.standsAt(stop.name, since === null ? "" : clockTime(since, stop.timezone)) : "";
    }
  }
}

const deliveredMs = (trip: PublicTrip) => instantMs(trip.delivered_at ?? trip.stops.at(-1)?.arrived_at);

function arrivalOf(trip: PublicTrip, nowMs: number, language: Language, words: Words): Arrival | null {
  const last = trip.stops.at(-1);
  if (isOver(trip) || !last || last.arrived_at) {
    return null;
  }
  const eta = trip.position?.eta_at_ms;
  const left = trip.position?.distance_left_m;
  if (!eta && !trip.position) {
    return null;
  }
  if (!eta) {
    return { label: words.arrival, time: "—", detail: words.arrivalUnknown, verdict: "", tone: "quiet" };
  }
  const parts: string[] = [];
  if (typeof left === "number") {
    parts.push(words.left(kilometres(left)));
  }
  if (trip.position?.eta_computed_at_ms) {
    parts.push(words.computed(ageWords(nowMs - trip.position.eta_computed_at_ms, language)));
  }
  const [verdict, tone] = verdictOf(eta, last, language, words);
  return {
    label: [words.arrival, ...zoneWords(last, nowMs, words)].join(", "),
    time: eta <= nowMs ? words.arrivalSoon : `≈ ${dayTime(eta, last.timezone, language, nowMs)}`,
    detail: parts.join(" · "),
    verdict,
    tone,
  };
}

function verdictOf(etaMs: number, last: PublicStop, language: Language, words: Words): [string, Tone] {
  const until = instantMs(last.window_to);
  if (until === null) {
    return ["", "quiet"];
  }
  return etaMs <= until ? [words.inTime, "good"] : [words.late(durationWords(etaMs - until, language)), "warn"];
}

function progressOf(trip: PublicTrip, words: Words): Progress | null {
  const length = trip.route?.length_m;
  const done = trip.position?.progress_m;
  if (
    !length ||
    typeof done !== "number" ||
    isOver(trip) ||
    trip.stage === "assigned" ||
    trip.stops.at(-1)?.arrived_at
  ) {
    return null;
  }
  const note = trip.route?.approximate ? ` · ${words.approximate}` : "";
  return {
    share: Math.max(0, Math.min(1, done / length)),
    words: words.driven(kilometres(done), kilometres(length)) + note,
  };
}

function freshnessOf(trip: PublicTrip, nowMs: number, language: Language, words: Words): Freshness {
  if (isOver(trip)) {
    return { words: "", why: "", tone: "quiet" };
  }
  const { position } = trip;
  if (!position) {
    return { words: words.noPosition, why: "", tone: "quiet" };
  }
  const age = nowMs - position.fix_time_ms;
  if (age >= SILENT_AFTER_MS) {
    return { words: words.silent(durationWords(age, language)), why: words.silentWhy, tone: "warn" };
  }
  const speed = position.speed_mps;
  const moving =
    typeof speed !== "number" ? "" : speed < STANDING_BELOW_MPS ? words.stands : words.speed(Math.round(speed * 3.6));
  return {
    words: [words.fresh(ageWords(age, language)), moving].filter(Boolean).join(" · "),
    why: "",
    tone: "good",
  };
}

function stopSummary(stop: PublicStop, trip: PublicTrip, nowMs: number, language: Language, words: Words): StopSummary {
  const at = (text: string | null) => {
    const ms = instantMs(text);
    return ms === null ? "" : dayTime(ms, stop.timezone, language, nowMs);
  };
  const lines: StopSummary["lines"] = [];
  const window = windowWords(instantMs(stop.window_from), instantMs(stop.window_to), stop.timezone, language, nowMs);
  if (window) {
    lines.push([words.window, window, ""]);
  }
  if (stop.arrived_at) {
    lines.push([words.arrived, at(stop.arrived_at), stop.arrived_source ? words.source[stop.arrived_source] : ""]);
  }
  if (stop.departed_at) {
    lines.push([words.departed, at(stop.departed_at), stop.departed_source ? words.source[stop.departed_source] : ""]);
  }
  const delivered = trip.stage === "delivered" && stop === trip.stops.at(-1);
  return {
    number: stop.position + 1,
    name: stop.name,
    kind: [words[stop.kind], ...zoneWords(stop, nowMs, words)].join(", "),
    state: stop.departed_at || delivered ? "done" : stop.arrived_at ? "here" : "ahead",
    lines,
  };
}

/** Whose clock the times at a stop are by, unless the reader's own clock shows the same. */
function zoneWords({ timezone }: PublicStop, nowMs: number, words: Words): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return clockTime(nowMs, timezone) === clockTime(nowMs, own) ? [] : [words.timesOf(zoneLabel(timezone, nowMs))];
}

function factsOf(trip: PublicTrip, language: Language, words: Words): Summary["facts"] {
  const facts: Summary["facts"] = [];
  if (trip.stage === "delivered") {
    facts.push(...finalFacts(trip, language, words));
  }
  facts.push(
    [words.cargo, trip.cargo_name],
    [words.vehicle, [trip.vehicle_plate, trip.vehicle_model].filter(Boolean).join(" · ")],
    [words.driver, trip.driver_name],
    [words.order, `№ ${trip.order_id}`],
  );
  return facts.filter(([, value]) => value);
}

/** What remains to be said when the cargo is there: how long, how far, whether in time. */
function finalFacts(trip: PublicTrip, language: Language, words: Words): Summary["facts"] {
  const facts: Summary["facts"] = [];
  const [left, reached] = [instantMs(trip.stops[0]?.departed_at), instantMs(trip.stops.at(-1)?.arrived_at)];
  const until = instantMs(trip.stops.at(-1)?.window_to);
  if (left !== null && reached !== null && reached > left) {
    const late = until !== null && reached > until;
    const verdict =
      until === null
        ? ""
        : late
          ? words.deliveredLate(durationWords(reached - until, language))
          : words.deliveredInTime;
    facts.push([words.duration, [durationWords(reached - left, language), verdict].filter(Boolean).join(" · ")]);
  }
  if (trip.route) {
    facts.push([words.distance, words.km(kilometres(trip.route.length_m))]);
  }
  return facts;
}

function linkWords(trip: PublicTrip, nowMs: number, language: Language, words: Words): string {
  const ends = instantMs(trip.ends_at);
  const zone = trip.stops.at(-1)?.timezone ?? "UTC";
  return ends === null ? words.linkEndsLater : words.linkEnds(dayTime(ends, zone, language, nowMs));
}
