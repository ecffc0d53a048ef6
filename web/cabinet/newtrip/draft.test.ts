import { describe, expect, it } from "vitest";
import type { PlaceView } from "../../shared/wire";
import { added, type Draft, type DraftStop, emptyDraft, gapsOf, moved, newTripOf, removed, routePoints } from "./draft";

const place = (name: string, timezone = "Asia/Bishkek"): PlaceView => ({
  id: name.length,
  name,
  country: "KG",
  country_name: "Кыргызстан",
  kind: "city",
  lat: 42,
  lon: 74,
  timezone,
  matched: "",
});
const named = (stop: DraftStop | undefined, name: string): DraftStop => ({
  ...(stop as DraftStop),
  place: place(name),
});

function whole(): Draft {
  const draft = emptyDraft();
  const [first, last] = draft.stops;
  return { ...draft, driverId: 7, cargo: " Мёд ", stops: [named(first, "Бишкек"), named(last, "Ош")] };
}

describe("the form of a new trip", () => {
  it("says what misses", () => {
    expect(gapsOf(emptyDraft())).toEqual(["driver", "place", "cargo"]);
    expect(gapsOf(whole())).toEqual([]);
  });

  it("sees a window that ends before it begins", () => {
    const draft = whole();
    const stop = {
      ...(draft.stops[0] as DraftStop),
      windowFrom: "2026-10-14 10:00:00",
      windowTo: "2026-10-14 09:00:00",
    };
    expect(gapsOf({ ...draft, stops: [stop, ...draft.stops.slice(1)] })).toEqual(["window"]);
  });

  it("always loads first and unloads last, whatever is moved, added or removed", () => {
    const three = added(whole().stops);
    expect(three.map((stop) => stop.kind)).toEqual(["loading", "unloading", "unloading"]);
    const turned = moved(three, 2, 0);
    expect(turned.map((stop) => stop.kind)).toEqual(["loading", "loading", "unloading"]);
    expect(turned[0]?.place?.name).toBe("Ош");
    expect(removed(turned, 0).map((stop) => stop.kind)).toEqual(["loading", "unloading"]);
  });

  it("does not move a stop out of the list", () => {
    const stops = whole().stops;
    expect(moved(stops, 0, -1)).toBe(stops);
    expect(moved(stops, 5, 0)).toBe(stops);
  });

  it("asks for a road only when every stop has a place, by the pin where there is one", () => {
    const draft = whole();
    expect(routePoints(emptyDraft().stops)).toBeNull();
    const pinned = { ...(draft.stops[1] as DraftStop), pin: { lat: 40.5, lon: 72.8 } };
    expect(routePoints([draft.stops[0] as DraftStop, pinned])).toEqual([
      [42, 74],
      [40.5, 72.8],
    ]);
  });

  it("sends windows as instants of the stop's own zone, and says whether the place is exact", () => {
    const draft = whole();
    const first = {
      ...(draft.stops[0] as DraftStop),
      windowFrom: "2026-10-14 08:00:00",
      pin: { lat: 42.9, lon: 74.7 },
    };
    const trip = newTripOf({ ...draft, stops: [first, draft.stops[1] as DraftStop] });
    expect(trip.cargo_name).toBe("Мёд");
    expect(trip.stops[0]).toMatchObject({ window_from: "2026-10-14T02:00:00.000Z", exact: true, lat: 42.9 });
    expect(trip.stops[1]).toMatchObject({ window_to: null, exact: false, timezone: "Asia/Bishkek" });
  });
});
