import { describe, expect, it } from "vitest";
import type { PositionView } from "../shared/wire";
import { TravelledPath } from "./path";
import { aTrip } from "./trip.fixture";

// From (0, 0) to (0.1, 0.1) within 100 s from second 1 000; then the same with a point between that came late.
const TRACK = "1,1000,???_pR_pRgE";
const WITH_A_LATE_POINT = "1,1000,????_pRcB_pR?cB";

const at = (second: number, lat = 1): PositionView => ({
  ...aTrip().position!,
  fix_time_ms: second * 1000,
  lat,
  lon: 1,
});
const times = (path: TravelledPath) => path.segments.map((segment) => segment.map(({ timeS }) => timeS));

describe("the travelled path", () => {
  it("grows by what is heard", () => {
    const path = new TravelledPath();
    path.extend(at(1_000));
    path.extend(at(1_060));
    expect(times(path)).toEqual([[1_000, 1_060]]);
  });

  it("begins anew after a quarter of an hour without a word", () => {
    const path = new TravelledPath();
    path.extend(at(1_000));
    path.extend(at(1_901));
    expect(times(path)).toEqual([[1_000], [1_901]]);
  });

  it("does not go back to an older position, nor twice to the same", () => {
    const path = new TravelledPath();
    path.extend(at(1_060));
    path.extend(at(1_060));
    path.extend(at(1_000));
    expect(times(path)).toEqual([[1_060]]);
  });

  it("takes the track the hub sends again, and keeps what was heard after its end", () => {
    const path = new TravelledPath();
    path.read(TRACK);
    path.extend(at(1_300));
    expect(times(path)).toEqual([[1_000, 1_100, 1_300]]);
    path.read(WITH_A_LATE_POINT);
    expect(times(path)).toEqual([[1_000, 1_050, 1_100, 1_300]]);
  });

  it("does not repeat what was heard and has come with the track meanwhile", () => {
    const path = new TravelledPath();
    path.extend(at(1_000));
    path.extend(at(1_100));
    path.read(WITH_A_LATE_POINT);
    expect(times(path)).toEqual([[1_000, 1_050, 1_100]]);
  });

  it("decodes a track once", () => {
    const path = new TravelledPath();
    path.read(TRACK);
    const before = path.segments;
    path.read(TRACK);
    expect(path.segments).toBe(before);
  });
});
