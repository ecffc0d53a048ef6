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

// How many late facts of a trip its toast tells of while it is shown.
const lateCounts = new Map<number, number>();

/** Tells of an event by a toast: what is learnt late quietly and in one for each trip, what is corrected not at all. */
export function announce(event: EventView, trip: TripView | undefined, readerZone: string): void {
  if (!trip || !LOUD.has(event.kind) || event.withdrawn || event.revision > 1) {
    return;
  }
  const zone = trip.stops.find((stop) => stop.id === event.stop_id)?.timezone ?? readerZone;
  const atMs = Date.parse(event.at);
  const title = `${trip.driver.name} · ${trip.driver.vehicle_plate}`;
  const sentence = `${eventSentence(event, trip)}, ${clockTime(atMs, zone)}${foreignZone(atMs, zone, readerZone)}`;
  if (event.late) {
    announceLate(trip.id, title, sentence);
    return;
  }
  notifications.show({
    id: `event-${event.id}`,
    title,
    message: sentence,
    color: TONES[eventTone(event)],
    autoClose: STAYS_MS,
  });
}

function announceLate(tripId: number, title: string, sentence: string): void {
  const count = (lateCounts.get(tripId) ?? 0) + 1;
  lateCounts.set(tripId, count);
  const toast = {
    id: `late-${tripId}`,
    title,
    message:
      count === 1
        ? `${sentence} — ${i18next.t("event.learntLate")}`
        : i18next.t("event.learntLateMany", { count, last: sentence }),
    color: "gray",
    autoClose: LATE_STAYS_MS,
    onClose: () => lateCounts.delete(tripId),
  };
  if (count === 1) {
    notifications.show(toast);
  } else {
    notifications.update(toast);
  }
}
