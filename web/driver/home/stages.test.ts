import { describe, expect, it } from "vitest";
import type { StopView, TripView } from "../../shared/wire";
import { momentOf } from "../screens/moment";
import { nextStage, shownStops, undoable } from "./stages";

const AT = "2026-10-14T06:00:00Z";
const stop = (id: number, change: Partial<StopView> = {}): StopView => ({
  id,
  position: id - 1,
  kind: id === 1 ? "loading" : "unloading",
  name: `Stop ${id}`,
  address: "",
  country: "KG",
  timezone: "Asia/Bishkek",
  lat: 42,
  lon: 74,
  fence: null,
  window_from: null,
  window_to: null,
  arrived_at: null,
  arrived_source: null,
  departed_at: null,
  departed_source: null,
  ...change,
});
const trip = (...stops: StopView[]) => ({ stops }) as TripView;

describe("the next stage", () => {
  it("goes from stop to stop, arriving before leaving", () => {
    const stops = shownStops(trip(stop(1), stop(2)), []);
    expect(nextStage(stops)).toMatchObject({ stop: { id: 1 }, kind: "arrived", last: false });
    const loaded = shownStops(trip(stop(1, { arrived_at: AT }), stop(2)), []);
    expect(nextStage(loaded)).toMatchObject({ stop: { id: 1 }, kind: "departed" });
    const away = shownStops(trip(stop(1, { arrived_at: AT, departed_at: AT }), stop(2)), []);
    expect(nextStage(away)).toMatchObject({ stop: { id: 2 }, kind: "arrived", last: true });
  });

  it("is none when the cargo is handed over", () => {
    expect(nextStage(shownStops(trip(stop(1, { arrived_at: AT, departed_at: AT })), []))).toBeNull();
  });

  it("counts what waits in the queue as pressed", () => {
    const stops = shownStops(trip(stop(1), stop(2)), [{ stop_id: 1, kind: "arrived", at: AT }]);
    expect(nextStage(stops)).toMatchObject({ stop: { id: 1, pending: true }, kind: "departed" });
  });

  it("comes back when a press is taken back without network", () => {
    const pressed = trip(stop(1, { arrived_at: AT, arrived_source: "driver" }), stop(2));
    const stops = shownStops(pressed, [{ stop_id: 1, kind: "arrived", at: AT, undo: true }]);
    expect(nextStage(stops)).toMatchObject({ stop: { id: 1 }, kind: "arrived" });
  });
});

describe("taking back", () => {
  it("offers the driver's own last press", () => {
    const stops = shownStops(trip(stop(1, { arrived_at: AT, arrived_source: "driver" }), stop(2)), []);
    expect(undoable(stops)).toMatchObject({ stop: { id: 1 }, kind: "arrived" });
    const away = shownStops(trip(stop(1, { arrived_at: AT, departed_at: AT, departed_source: "driver" })), []);
    expect(undoable(away)).toMatchObject({ kind: "departed" });
  });

  it("does not offer what the satellites saw", () => {
    expect(undoable(shownStops(trip(stop(1, { arrived_at: AT, arrived_source: "gps" })), []))).toBeNull();
    expect(undoable(shownStops(trip(stop(1)), []))).toBeNull();
  });
});

describe("the time of a press", () => {
  const now = Date.parse("2026-10-14T19:20:30Z");

  it("is now, to the second, unless changed", () => {
    expect(momentOf("01:20", "Asia/Bishkek", now)).toBe(now);
    expect(momentOf("", "Asia/Bishkek", now)).toBe(now);
  });

  it("is the last time the stop's clock showed it", () => {
    expect(momentOf("00:50", "Asia/Bishkek", now)).toBe(Date.parse("2026-10-14T18:50:00Z"));
    expect(momentOf("23:50", "Asia/Bishkek", now)).toBe(Date.parse("2026-10-14T17:50:00Z"));
  });
});
