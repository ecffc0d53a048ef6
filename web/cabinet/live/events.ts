import type { QueryClient } from "@tanstack/react-query";
import type { EventView, TripDetail, TripView } from "../../shared/wire";
import { keys } from "../keys";

/** Puts an event into its trip's timeline: a higher revision replaces what was there. */
export function withEvent(events: EventView[], event: EventView): EventView[] {
  const known = events.find((other) => other.id === event.id);
  if (known && known.revision >= event.revision) {
    return events;
  }
  return [...events.filter((other) => other.id !== event.id), event].sort(
    (a, b) => Date.parse(a.at) - Date.parse(b.at),
  );
}

/** Shows an event that just came in the timeline and the archive without waiting for a reload. */
export function noteEvent(client: QueryClient, event: EventView): void {
  if (event.trip_id !== null) {
    client.setQueryData<TripDetail>(keys.trip(event.trip_id), (detail) =>
      detail ? { ...detail, events: withEvent(detail.events, event) } : detail,
    );
  }
  if (["delivered", "cancelled", "failed"].includes(event.kind)) {
    void client.invalidateQueries({ queryKey: ["archive"] });
    void client.invalidateQueries({ queryKey: keys.drivers });
  }
}

/** A trip that left the list stays on the page that shows it alone, as it was last known. */
export function keepPage(client: QueryClient, trip: TripView | undefined): void {
  if (trip) {
    client.setQueryData<TripDetail>(keys.trip(trip.id), (detail) => (detail ? { ...detail, trip } : detail));
  }
}
