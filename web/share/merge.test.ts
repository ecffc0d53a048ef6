import { expect, it } from "vitest";
import type { PositionView } from "../shared/wire";
import { merged, newer } from "./merge";
import { aTrip } from "./trip.fixture";

const position = (sequence: number): PositionView => ({ ...aTrip().position!, sequence });

it("keeps the position that was written later, whichever came later", () => {
  expect(newer(position(7), position(6))?.sequence).toBe(7);
  expect(newer(position(6), position(7))?.sequence).toBe(7);
  expect(newer(null, position(1))?.sequence).toBe(1);
  expect(newer(position(1), null)?.sequence).toBe(1);
});

it("keeps lines that a change leaves out", () => {
  const known = aTrip();
  const changed = merged(known, { ...known, stage: "at_unloading", route: null, track: null });
  expect(changed.stage).toBe("at_unloading");
  expect(changed.route).toBe(known.route);
  expect(changed.track).toBe(known.track);
});

it("does not move the truck back with a change that was read earlier", () => {
  const known = { ...aTrip(), position: position(9) };
  expect(merged(known, { ...aTrip(), position: position(5) }).position?.sequence).toBe(9);
});
