import { describe, expect, it } from "vitest";
import type { Corner, Fence } from "../../shared/map/geometry";
import { aStop } from "../testing/trips";
import {
  asCircle,
  asPolygon,
  centreOf,
  faultOf,
  firstDraft,
  insertCorner,
  moveFence,
  nudge,
  removeCorner,
} from "./draft";

const circle = (radius_m: number): Fence => ({ type: "circle", lat: 42.87, lon: 74.6, radius_m });
const polygon = (...points: Corner[]) => ({ type: "polygon" as const, points });
const YARD = polygon([74.6, 42.87], [74.61, 42.87], [74.61, 42.88], [74.6, 42.88]);

describe("a fence being drawn", () => {
  it("begins as the stop's own, or a circle of 300 m around it", () => {
    expect(firstDraft(aStop({ fence: YARD }))).toBe(YARD);
    expect(firstDraft(aStop())).toEqual({ type: "circle", lat: 42.87, lon: 74.6, radius_m: 300 });
  });

  it.each([
    [circle(99), "radius"],
    [circle(100), null],
    [circle(20_000), null],
    [circle(20_001), "radius"],
    [YARD, null],
    [polygon([74.6, 42.87], [74.61, 42.87]), "few"],
    [polygon([74.6, 42.87], [74.61, 42.88], [74.61, 42.87], [74.6, 42.88]), "crosses"],
    [polygon([74.6, 42.87], [74.6001, 42.87], [74.6001, 42.8701]), "small"],
    [polygon([74, 42], [75, 42], [75, 43], [74, 43]), "large"],
    [
      polygon(...Array.from({ length: 201 }, (_, index): Corner => [74 + index / 1000, 42 + (index % 2) / 1000])),
      "many",
    ],
  ])("is refused for what the hub would refuse: %#", (fence, fault) => {
    expect(faultOf(fence as Fence)).toBe(fault);
  });

  it("keeps its place and size through a change of shape", () => {
    const back = asCircle(asPolygon(circle(5_000)));
    expect(back.lat).toBeCloseTo(42.87, 3);
    expect(back.radius_m).toBeGreaterThan(4_400);
    expect(back.radius_m).toBeLessThan(5_000);
    expect(asCircle(circle(700))).toEqual(circle(700));
    expect(asPolygon(YARD)).toBe(YARD);
  });

  it("moves as a whole", () => {
    const [lon, lat] = centreOf(moveFence(YARD, [70, 40]));
    expect([lon, lat]).toEqual([expect.closeTo(70), expect.closeTo(40)]);
    expect(moveFence(circle(300), [70, 40])).toMatchObject({ lon: 70, lat: 40, radius_m: 300 });
  });

  it("moves by arrow keys, five times as far with Shift, and by nothing else", () => {
    const step = (nudge(circle(300), "ArrowUp", false) as { lat: number }).lat - 42.87;
    const stride = (nudge(circle(300), "ArrowUp", true) as { lat: number }).lat - 42.87;
    expect(step).toBeGreaterThan(0);
    expect(stride).toBeCloseTo(step * 5);
    expect(nudge(circle(300), "a", false)).toBeNull();
  });

  it("gains a corner between two and loses one, but never the third last", () => {
    const gained = insertCorner(YARD, 0, [74.605, 42.86]);
    expect(gained.points[1]).toEqual([74.605, 42.86]);
    expect(removeCorner(gained, 1).points).toEqual(YARD.points);
    const least = polygon([74.6, 42.87], [74.61, 42.87], [74.61, 42.88]);
    expect(removeCorner(least, 0).points).toHaveLength(3);
  });
});
