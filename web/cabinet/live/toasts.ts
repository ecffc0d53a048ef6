import { notifications } from "@mantine/notifications";
import i18next from "i18next";
import { clockTime } from "../../shared/time";
import type { EventView, TripView } from "../../shared/wire";
import { eventSentence, eventTone } from "../trip/events";
import { foreignZone } from "../trip/times";

// Facts worth a word while one works; the rest is in the timeline and the bell.
const LOUD = new Set<EventView["kind"]>([
  "arrived",
  "departed",
  "delivered",
  "approaching_5km",
  "silent",
  "low_battery",
  "implausible",
  "cancelled",
  "failed",
]);
const TONES = { good: "teal", plain: "gray", warn: "orange", alarm: "red" } as const;
const STAYS_MS = 9_000;
const LATE_STAYS_MS = 5_000;

/** Tells of an event by a toast: one learnt late quietly, one corrected or taken back not at all. */
export function announce(event: EventView, trip: TripView | undefined, readerZone: string): void {
  if (!trip || !LOUD.has(event.kind) || event.withdrawn || event.revision > 1) {
    return;
  }
  const zone = trip.stops.find((stop) => stop.id === event.stop_id)?.timezone ?? readerZone;
  const atMs = Date.parse(event.at);
  const late = event.late ? ` — ${i18next.t("event.learntLate")}` : "";
  notifications.show({
    id: `event-${event.id}`,
    title: [trip.driver.name, trip.driver.vehicle_plate].filter(Boolean).join(" · "),
    message: `${eventSentence(event, trip)}, ${clockTime(atMs, zone)}${foreignZone(atMs, zone, readerZone)}${late}`,
    color: event.late ? "gray" : TONES[eventTone(event)],
    autoClose: event.late ? LATE_STAYS_MS : STAYS_MS,
  });
}
