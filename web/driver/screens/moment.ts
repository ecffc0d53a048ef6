import { clockTime, wallMs, wallText } from "../../shared/time";

const DAY_MS = 24 * 3_600_000;

/** The last moment at which clocks at the stop showed "HH:MM"; just now when that is what they show. */
export function momentOf(time: string, timezone: string, nowMs: number): number {
  if (time === "" || time === clockTime(nowMs, timezone)) {
    return nowMs;
  }
  const today = wallText(nowMs, timezone).slice(0, 10);
  const moment = wallMs(`${today} ${time}`, timezone);
  return moment > nowMs ? moment - DAY_MS : moment;
}
