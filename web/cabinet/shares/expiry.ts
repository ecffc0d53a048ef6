export type Expiry = "delivery" | "day" | "three" | "week" | "month";

export const EXPIRIES: Expiry[] = ["delivery", "day", "three", "week", "month"];

const DAY_MS = 24 * 3_600_000;
const DAYS: Record<Exclude<Expiry, "delivery">, number> = { day: 1, three: 3, week: 7, month: 30 };

/** The end of a link as the wire wants it; null ends it some days after delivery. */
export const expiresAt = (expiry: Expiry, fromMs: number): string | null =>
  expiry === "delivery" ? null : new Date(fromMs + DAYS[expiry] * DAY_MS).toISOString();
