import { currentLanguage } from "../../shared/i18n/start";
import { dayTime, zoneLabel } from "../../shared/time";

/** A moment on the wall of its place; the zone is named where the reader's own clock shows another hour. */
export function placeTime(ms: number, placeZone: string, readerZone: string, nowMs: number): string {
  return `${dayTime(ms, placeZone, currentLanguage(), nowMs)}${foreignZone(ms, placeZone, readerZone)}`;
}

/** " UTC+8" where that is not the reader's own hour, else nothing. */
export function foreignZone(ms: number, placeZone: string, readerZone: string): string {
  const label = zoneLabel(placeZone, ms);
  return label === zoneLabel(readerZone, ms) ? "" : ` ${label}`;
}
