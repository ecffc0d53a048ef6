import { currentLanguage } from "../../shared/i18n/start";
import { fixAgeWords } from "../../shared/time";
import type { TripView } from "../../shared/wire";
import { batteryPct, latenessMs, progressShare, warningsOf } from "../trip/status";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Everything of a moving trip that its line shows, in a text: while it stays the same the line need not be drawn
 * again. Two hundred trucks move every second; what is read of them changes once a minute.
 */
export function faceOf(trip: TripView, nowMs: number): string {
  const { position } = trip;
  return [
    position ? fixAgeWords(nowMs - position.fix_time_ms, currentLanguage()) : "",
    Math.floor((position?.eta_at_ms ?? 0) / MINUTE_MS),
    Math.floor((latenessMs(trip) ?? -1) / MINUTE_MS),
    Math.floor(nowMs / HOUR_MS),
    progressShare(trip)?.toFixed(3),
    batteryPct(trip),
    ...warningsOf(trip, nowMs),
  ].join("|");
}

/** Whether two trips differ in nothing but their position. */
export function sameButPosition(a: TripView, b: TripView): boolean {
  const names = Object.keys(a) as (keyof TripView)[];
  return names.every((name) => name === "position" || a[name] === b[name]);
}
