import { describe, expect, it } from "vitest";
import { MOVING_EVERY_MS, type Sample, STANDING_EVERY_MS, worthKeeping } from "./sampling";

const here: Sample = { atMs: 0, lat: 42, lon: 74, accuracy_m: 8, bearing_deg: 0 };
const METRES_NORTH = 1 / 111_195;
const later = (ms: number, metres: number, change: Partial<Sample> = {}): Sample => ({
  ...here,
  atMs: ms,
  lat: here.lat + metres * METRES_NORTH,
  ...change,
});

describe("what is worth keeping", () => {
  it("keeps the first measurement", () => {
    expect(worthKeeping(null, here)).toBe(true);
  });

  it("keeps one every ten seconds of driving", () => {
    expect(worthKeeping(here, later(MOVING_EVERY_MS - 1, 200))).toBe(false);
    expect(worthKeeping(here, later(MOVING_EVERY_MS, 200))).toBe(true);
  });

  it("keeps a bend sooner", () => {
    expect(worthKeeping(here, later(4_000, 60, { bearing_deg: 40 }))).toBe(true);
    expect(worthKeeping(here, later(4_000, 60, { bearing_deg: 350 }))).toBe(false);
    expect(worthKeeping(here, later(2_000, 40, { bearing_deg: 90 }))).toBe(false);
    expect(worthKeeping(here, later(4_000, 60, { bearing_deg: null }))).toBe(false);
  });

  it("keeps one a minute while standing", () => {
    expect(worthKeeping(here, later(30_000, 5))).toBe(false);
    expect(worthKeeping(here, later(STANDING_EVERY_MS, 5))).toBe(true);
  });

  it("takes drifting within a poor accuracy for standing", () => {
    expect(worthKeeping(here, later(20_000, 80, { accuracy_m: 150 }))).toBe(false);
    expect(worthKeeping(here, later(20_000, 260, { accuracy_m: 900 }))).toBe(true);
  });

  it("drops a measurement from before the last one", () => {
    expect(worthKeeping({ ...here, atMs: 10_000 }, later(9_000, 500))).toBe(false);
  });
});
