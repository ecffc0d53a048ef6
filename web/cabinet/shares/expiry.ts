import type { TFunction } from "i18next";
import { instantMs } from "../../shared/time";
import type { TripView } from "../../shared/wire";
import { isOpen } from "../trip/status";

export type Expiry = "delivery" | "day" | "three" | "week" | "month";

const EXPIRIES: Expiry[] = ["delivery", "day", "three", "week", "month"];

const DAY_MS = 24 * 3_600_000;
const DAYS: Record<Exclude<Expiry, "delivery">, number> = { day: 1, three: 3, week: 7, month: 30 };

/** The end of a link as the wire wants it; null ends it some days after delivery. */
export const expiresAt = (expiry: Expiry, fromMs: number): string | null =>
  expiry === "delivery" ? null : new Date(fromMs + DAYS[expiry] * DAY_MS).toISOString();

/** What may be chosen for a link to this trip: days after delivery only while they are not over. */
export function expiries(trip: TripView, shareDays: number, nowMs: number): Expiry[] {
  const overMs = isOpen(trip) ? null : instantMs(trip.delivered_at ?? trip.window_to);
  const isPast = overMs !== null && overMs + shareDays * DAY_MS <= nowMs;
  return isPast ? EXPIRIES.filter((expiry) => expiry !== "delivery") : EXPIRIES;
}

export const expiryWords = (expiry: Expiry, shareDays: number, t: TFunction): string =>
  expiry === "delivery" ? t("share.afterDelivery", { count: shareDays }) : t(`share.expiry.${expiry}`);
