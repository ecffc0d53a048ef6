import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { keys } from "../keys";
import { anEvent, aTrip, HOUR, iso, NOW } from "../testing/trips";
import { keepPage, withEvent } from "./events";

it("puts a late event where it happened, not where it came", () => {
  const events = [anEvent({ id: 1, at: iso(NOW - 3 * HOUR) }), anEvent({ id: 2, at: iso(NOW) })];
  expect(withEvent(events, anEvent({ id: 3, at: iso(NOW - HOUR) })).map((event) => event.id)).toEqual([1, 3, 2]);
});

it("replaces an event by its correction and ignores the older telling", () => {
  const corrected = withEvent([anEvent({ at: iso(NOW) })], anEvent({ revision: 2, at: iso(NOW - HOUR) }));
  expect(corrected).toHaveLength(1);
  expect(withEvent(corrected, anEvent({ revision: 1 }))).toBe(corrected);
});

it("keeps a trip that left the list on its page, as it was last known", () => {
  const client = new QueryClient();
  client.setQueryData(keys.trip(1), { trip: aTrip({ stage: "at_unloading" }), route: null, events: [] });
  keepPage(client, aTrip({ stage: "delivered" }));
  expect(client.getQueryData(keys.trip(1))).toMatchObject({ trip: { stage: "delivered" }, events: [] });
  keepPage(client, aTrip({ id: 2 }));
  keepPage(client, undefined);
  expect(client.getQueryData(keys.trip(2))).toBeUndefined();
});
