import { describe, expect, it } from "vitest";
import type { TrackPoint } from "../../shared/track";
import { advance, endMs, gapsOf, momentAt, startMs } from "./clock";

const point = (timeS: number, lat: number): TrackPoint => ({ timeS, lat, lon: 74 });
// Ten minutes driven north, twenty minutes of nothing, ten minutes standing.
const PATH = [
  [point(0, 42), point(600, 42.1)],
  [point(1_800, 42.3), point(2_400, 42.3)],
];

describe("the replay's clock", () => {
  it("runs from the first point to the last", () => {
    expect([startMs(PATH), endMs(PATH)]).toEqual([0, 2_400_000]);
    expect(momentAt([], 0)).toBeNull();
  });

  it("shows the truck between two points with its speed and bearing", () => {
    const moment = momentAt(PATH, 300_000);
    expect(moment).toMatchObject({ lat: expect.closeTo(42.05), isMoving: true, isGap: false, bearingDeg: 0 });
    expect(moment?.speedMps).toBeCloseTo(18.5, 1);
  });

  it("leaves the truck where it was last seen while nobody measured", () => {
    expect(momentAt(PATH, 1_000_000)).toMatchObject({ lat: 42.1, isMoving: false, isGap: true });
  });

  it("shows a standing truck as standing", () => {
    expect(momentAt(PATH, 2_000_000)).toMatchObject({ lat: 42.3, isMoving: false, isGap: false });
  });

  it("stays within the path", () => {
    expect(momentAt(PATH, -5_000)).toMatchObject({ lat: 42 });
    expect(momentAt(PATH, 9_999_000)).toMatchObject({ lat: 42.3, isGap: false });
  });

  it("advances by the speed and passes over a gap at once", () => {
    expect(advance(PATH, 0, 1_000, 120)).toBe(120_000);
    expect(advance(PATH, 590_000, 1_000, 30)).toBe(1_800_000);
  });

  it("ends at the end", () => {
    expect(advance(PATH, 2_390_000, 1_000, 600)).toBeNull();
  });

  it("names its gaps", () => {
    expect(gapsOf(PATH)).toEqual([[600_000, 1_800_000]]);
  });
});
