import { describe, expect, it } from "vitest";
import { aPosition, aStop, aTrip, HOUR, NOW } from "../testing/trips";
import { countsOf, selected } from "./selection";

const driver = (name: string, plate: string) => ({ ...aTrip().driver, name, vehicle_plate: plate });
const TRIPS = [
  aTrip({ id: 1, driver: driver("Бакыт Асанов", "01 KG 777 ABC"), position: aPosition({ eta_at_ms: NOW + 5 * HOUR }) }),
  aTrip({ id: 2, stage: "at_loading", driver: driver("Алёна Ким", "A 123 BC"), cargo_name: "Яблоки" }),
  aTrip({ id: 3, stage: "delivered", driver: driver("Ерлан Касымов", "482ABK02") }),
  aTrip({ id: 4, position: aPosition({ fix_time_ms: NOW - HOUR }), driver: driver("Ян Ли", "新A·K7391") }),
];
const ids = (
  ...args: [filter: Parameters<typeof selected>[1], words: string, order?: Parameters<typeof selected>[3]]
) => selected(TRIPS, args[0], args[1], args[2] ?? "newest", NOW).map((trip) => trip.id);

describe("the list of trips", () => {
  it("shows the open ones unless finished ones are asked for", () => {
    expect(ids("all", "")).toEqual([4, 2, 1]);
    expect(ids("finished", "")).toEqual([3]);
  });

  it("shows one stage, or what needs attention", () => {
    expect(ids("at_loading", "")).toEqual([2]);
    expect(ids("attention", "")).toEqual([4]);
  });

  it.each([
    ["бакыт", [1]],
    ["01kg777", [1]],
    ["777 abc", [1]],
    ["алена", [2]],
    ["ЯБЛОКИ", [2]],
    ["新a", [4]],
    ["№101 ош ян", [4]],
    ["нет такого", []],
  ])("finds %s", (words, expected) => {
    expect(ids("all", words)).toEqual(expected);
  });

  it("puts what needs attention first, then the nearest arrival", () => {
    expect(ids("all", "", "attention")).toEqual([4, 1, 2]);
  });

  it("orders by driver and by arrival", () => {
    expect(ids("all", "", "driver")).toEqual([2, 1, 4]);
    expect(ids("all", "", "eta")).toEqual([1, 4, 2]);
  });

  it("orders by the unloading window, those without one last", () => {
    const trips = [aTrip({ id: 1, stops: [aStop(), aStop({ kind: "unloading" })] }), aTrip({ id: 2 })];
    expect(selected(trips, "all", "", "window", NOW).map((trip) => trip.id)).toEqual([2, 1]);
  });

  it("counts what each filter would show", () => {
    expect(countsOf(TRIPS, NOW)).toMatchObject({ all: 3, finished: 1, attention: 1, at_loading: 1, in_transit: 2 });
  });
});
