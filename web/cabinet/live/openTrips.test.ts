import { afterEach, expect, it, vi } from "vitest";
import { aTrip } from "../testing/trips";
import { openTrips } from "./openTrips";

afterEach(() => vi.unstubAllGlobals());

it("reads on until the last page of the open trips", async () => {
  const answers = new Map([
    ["/api/trips?state=open&limit=100", { trips: [aTrip({ id: 3 }), aTrip({ id: 2 })], next_before_id: 2 }],
    ["/api/trips?state=open&before_id=2&limit=100", { trips: [aTrip({ id: 1 })], next_before_id: null }],
  ]);
  vi.stubGlobal("fetch", async (path: string) => Response.json(answers.get(path)));
  const trips = await openTrips(new AbortController().signal);
  expect(trips.map((trip) => trip.id)).toEqual([3, 2, 1]);
});
