import { expect, it } from "vitest";
import { anEvent, HOUR, iso, NOW } from "../testing/trips";
import { withEvent } from "./events";

it("puts a late event where it happened, not where it came", () => {
  const events = [anEvent({ id: 1, at: iso(NOW - 3 * HOUR) }), anEvent({ id: 2, at: iso(NOW) })];
  expect(withEvent(events, anEvent({ id: 3, at: iso(NOW - HOUR) })).map((event) => event.id)).toEqual([1, 3, 2]);
});

it("replaces an event by its correction and ignores the older telling", () => {
  const corrected = withEvent([anEvent({ at: iso(NOW) })], anEvent({ revision: 2, at: iso(NOW - HOUR) }));
  expect(corrected).toHaveLength(1);
  expect(withEvent(corrected, anEvent({ revision: 1 }))).toBe(corrected);
});
