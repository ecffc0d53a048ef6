import { notifications } from "@mantine/notifications";
import { currentLanguage } from "../../shared/i18n/start";
import { clockTime } from "../../shared/time";
import type { EventView, TripView } from "../../shared/wire";
import { eventSentence, eventTone } from "../trip/events";

// Facts worth a word while one works; the rest is in the timeline and the bell.
const LOUD = new Set(["arrived", "departed", "delivered", "approaching_5km", "silent", "low_battery", "implausible"]);
const TONES = { good: "teal", plain: "gray", warn: "orange", alarm: "red" } as const;

/** Tells of an event by a toast; one learnt late, corrected or withdrawn is told quietly or not at all. */
export function announce(event: EventView, trip: TripView | undefined, nowMs: number): void {
  if (!trip || !LOUD.has(event.kind) || event.withdrawn || event.revision > 1) {
    return;
  }
  const stop = trip.stops.find((candidate) => candidate.id === event.stop_id);
  const zone = stop?.timezone ?? "Asia/Bishkek";
  const sentence = eventSentence(event, trip);
  const at = clockTime(Date.parse(event.at), zone);
  notifications.show({
    id: `event-${event.id}`,
    title: `${trip.driver.name} · ${trip.driver.vehicle_plate}`,
    message: `${sentence}, ${at}`,
    color: event.late ? "gray" : TONES[eventTone(event)],
    autoClose: event.late ? 5_000 : 9_000,
    "data-late": event.late || nowMs - Date.parse(event.at) > 600_000 || undefined,
    lang: currentLanguage(),
  });
}
