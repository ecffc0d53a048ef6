import { expect, it } from "vitest";
import { aPosition, aTrip, HOUR, NOW } from "../testing/trips";
import { faceOf, sameButPosition } from "./face";

it("stays the same while a truck only moves on", () => {
  const before = aTrip({ position: aPosition({ lat: 42, eta_at_ms: NOW + HOUR }) });
  const after = { ...before, position: aPosition({ lat: 42.001, sequence: 2, eta_at_ms: NOW + HOUR + 5_000 }) };
  expect(faceOf(after, NOW + 1_000)).toBe(faceOf(before, NOW));
  expect(sameButPosition(before, after)).toBe(true);
});

it.each([
  ["its age", aPosition({ fix_time_ms: NOW - 3 * 60_000 })],
  ["its arrival", aPosition({ eta_at_ms: NOW + HOUR })],
  ["its battery", aPosition({ battery_pct: 50 })],
  ["its way left", aPosition({ distance_left_m: 1_000 })],
  ["a doubt", aPosition({ flags: ["jump"] })],
])("changes with %s", (_, position) => {
  expect(faceOf(aTrip({ position }), NOW)).not.toBe(faceOf(aTrip(), NOW));
});

it("tells a changed stage from a moved truck", () => {
  expect(sameButPosition(aTrip(), { ...aTrip(), stage: "delivered" })).toBe(false);
});
