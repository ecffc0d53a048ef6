import { describe, expect, it } from "vitest";
import { areaM2, away, boundsOf, type Corner, crossesItself, distanceM, openRing, outline } from "./geometry";

const BISHKEK: Corner = [74.6, 42.87];

describe("fences on the map", () => {
  it("draws a circle whose every corner is its radius away", () => {
    const ring = outline({ type: "circle", lon: BISHKEK[0], lat: BISHKEK[1], radius_m: 5_000 });
    expect(ring[0]).toEqual(ring.at(-1));
    for (const corner of ring) {
      expect(Math.abs(distanceM(BISHKEK, corner) - 5_000)).toBeLessThan(10);
    }
  });

  it("measures the area of a square kilometre", () => {
    const east = away(...BISHKEK, 1_000, 90);
    const both = away(...east, 1_000, 0);
    const north = away(...BISHKEK, 1_000, 0);
    expect(areaM2([BISHKEK, east, both, north])).toBeGreaterThan(0.995e6);
    expect(areaM2([BISHKEK, east, both, north])).toBeLessThan(1.005e6);
  });

  it("tells a bow tie from a square", () => {
    const square: Corner[] = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    expect(crossesItself(square)).toBe(false);
    expect(crossesItself([square[0], square[2], square[1], square[3]] as Corner[])).toBe(true);
  });

  it("opens a closed ring and leaves an open one", () => {
    const open: Corner[] = [
      [0, 0],
      [1, 0],
      [1, 1],
    ];
    expect(openRing([...open, [0, 0]])).toEqual(open);
    expect(openRing(open)).toEqual(open);
  });

  it("finds the box around points, and none around nothing", () => {
    expect(
      boundsOf([
        [75, 40],
        [70, 43],
      ]),
    ).toEqual([70, 40, 75, 43]);
    expect(boundsOf([])).toBeNull();
  });
});
