import { describe, expect, it } from "vitest";
import { aPosition, aStop, aTrip, HOUR, iso, NOW } from "../testing/trips";
import { currentStop, isSilent, latenessMs, nextMark, progressShare, routeTitle, warningsOf } from "./status";

const withWindow = (windowTo: number, more = {}) =>
  aTrip({ stops: [aStop(), aStop({ id: 2, kind: "unloading", name: "Ош", window_to: iso(windowTo), ...more })] });

describe("lateness", () => {
  it("is none while the truck is expected within the window", () => {
    const trip = { ...withWindow(NOW + 6 * HOUR), position: aPosition({ eta_at_ms: NOW + 5 * HOUR }) };
    expect(latenessMs(trip)).toBe(0);
  });

  it("is what the estimate lies beyond the window's end", () => {
    const trip = { ...withWindow(NOW + 2 * HOUR), position: aPosition({ eta_at_ms: NOW + 5 * HOUR }) };
    expect(latenessMs(trip)).toBe(3 * HOUR);
  });

  it("is judged by the arrival once there is one", () => {
    const trip = withWindow(NOW, { arrived_at: iso(NOW + HOUR) });
    expect(latenessMs({ ...trip, position: aPosition({ eta_at_ms: NOW - HOUR }) })).toBe(HOUR);
  });

  it("is unknown without a window or an estimate", () => {
    expect(latenessMs(aTrip({ stops: [aStop(), aStop({ kind: "unloading" })] }))).toBeNull();
    expect(latenessMs(withWindow(NOW))).toBeNull();
  });
});

describe("silence", () => {
  it("begins ten minutes after the last fix", () => {
    expect(isSilent(aTrip({ position: aPosition({ fix_time_ms: NOW - 9 * 60_000 }) }), NOW)).toBe(false);
    expect(isSilent(aTrip({ position: aPosition({ fix_time_ms: NOW - 10 * 60_000 }) }), NOW)).toBe(true);
  });

  it("does not alarm before the first fix of a trip just assigned, but does once it is on the road", () => {
    expect(isSilent(aTrip({ position: null, stage: "assigned" }), NOW)).toBe(false);
    expect(isSilent(aTrip({ position: null, stage: "in_transit" }), NOW)).toBe(true);
  });

  it("is nothing to speak of when the trip is over", () => {
    expect(isSilent(aTrip({ stage: "delivered", position: aPosition({ fix_time_ms: 0 }) }), NOW)).toBe(false);
  });
});

describe("warnings", () => {
  it("name everything that needs a look, the worst first", () => {
    const position = aPosition({
      fix_time_ms: NOW - HOUR,
      flags: ["teleport"],
      battery_pct: 4,
      eta_at_ms: NOW + 9 * HOUR,
    });
    expect(warningsOf({ ...withWindow(NOW), position }, NOW)).toEqual(["silent", "late", "implausible", "low_battery"]);
  });

  it("are none of a quiet trip, nor of a finished one", () => {
    expect(warningsOf(aTrip(), NOW)).toEqual([]);
    expect(warningsOf(aTrip({ stage: "failed", position: aPosition({ battery_pct: 1 }) }), NOW)).toEqual([]);
  });

  it("do not count flags that are mere information", () => {
    expect(warningsOf(aTrip({ position: aPosition({ flags: ["coarse", "stale"] }) }), NOW)).toEqual([]);
  });
});

describe("where a trip is", () => {
  it("proposes the mark that comes next", () => {
    expect(nextMark(aTrip())).toMatchObject({ kind: "arrived", stop: { id: 2 } });
    const loading = aTrip({ stops: [aStop({ arrived_at: iso(NOW) }), aStop({ id: 2, kind: "unloading" })] });
    expect(nextMark(loading)).toMatchObject({ kind: "departed", stop: { id: 1 } });
    expect(nextMark(aTrip({ stage: "cancelled" }))).toBeNull();
  });

  it("has no current stop when all are left", () => {
    expect(currentStop(aTrip({ stops: [aStop({ departed_at: iso(NOW) })] }))).toBeNull();
  });

  it("shows the share of the road that is behind", () => {
    expect(progressShare(aTrip({ position: aPosition({ distance_left_m: 150_000 }) }))).toBe(0.75);
    expect(progressShare(aTrip({ route_length_m: null }))).toBeNull();
    expect(progressShare(aTrip({ stage: "delivered" }))).toBe(1);
  });

  it("counts the places between the first and the last", () => {
    expect(routeTitle(aTrip())).toBe("Бишкек → Ош");
    expect(routeTitle(aTrip({ stops: [aStop(), aStop(), aStop({ name: "Кашгар" })] }))).toBe("Бишкек → +1 → Кашгар");
  });
});
