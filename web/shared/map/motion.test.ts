import { describe, expect, it } from "vitest";
import { Motion, turned } from "./motion";

const HERE = { lon: 74.6, lat: 42.8, bearing_deg: 90 };
const NEAR = { lon: 74.61, lat: 42.8, bearing_deg: 90 };

describe("a truck between two positions", () => {
  it("stands at its first position at once", () => {
    const motion = new Motion();
    motion.moveTo(1, HERE, 1_000, 0, 0);
    expect(motion.placeOf(1, 0)).toEqual(HERE);
    expect(motion.isMoving(0)).toBe(false);
  });

  it("is half way at half of the time, and stays at the end", () => {
    const motion = new Motion();
    motion.moveTo(1, HERE, 0, 0, 0);
    motion.moveTo(1, NEAR, 2_000, 500, 10_000);
    expect(motion.placeOf(1, 11_000)?.lon).toBeCloseTo(74.605);
    expect(motion.isMoving(11_000)).toBe(true);
    expect(motion.placeOf(1, 60_000)?.lon).toBe(74.61);
    expect(motion.isMoving(60_000)).toBe(false);
  });

  it("never takes longer than four seconds", () => {
    const motion = new Motion();
    motion.moveTo(1, HERE, 0, 0, 0);
    motion.moveTo(1, NEAR, 30_000, 500, 0);
    expect(motion.placeOf(1, 4_000)?.lon).toBe(74.61);
  });

  it.each([
    ["an old fix", NEAR, 2_000, 120_000],
    ["a fix after a long silence", NEAR, 90_000, 0],
    ["a far place", { ...NEAR, lon: 75.6 }, 2_000, 0],
  ])("jumps to %s instead of playing a backlog", (_, place, fixTimeMs, ageMs) => {
    const motion = new Motion();
    motion.moveTo(1, HERE, 0, 0, 0);
    motion.moveTo(1, place, fixTimeMs, ageMs, 0);
    expect(motion.placeOf(1, 0)).toEqual(place);
    expect(motion.isMoving(0)).toBe(false);
  });

  it("does not go back to a fix older than the one shown", () => {
    const motion = new Motion();
    motion.moveTo(1, NEAR, 2_000, 0, 0);
    motion.moveTo(1, HERE, 1_000, 0, 0);
    expect(motion.placeOf(1, 5_000)).toEqual(NEAR);
  });

  it("forgets trucks that are no longer shown", () => {
    const motion = new Motion();
    motion.moveTo(1, HERE, 0, 0, 0);
    motion.keepOnly(new Set([2]));
    expect(motion.placeOf(1, 0)).toBeNull();
  });
});

describe("turning", () => {
  it("goes the short way over north", () => {
    expect(turned(350, 10, 0.5)).toBe(0);
    expect(turned(10, 350, 0.5)).toBe(0);
    expect(turned(90, 180, 0.5)).toBe(135);
  });
});
