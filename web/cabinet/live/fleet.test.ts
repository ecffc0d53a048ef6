import { describe, expect, it, vi } from "vitest";
import type { TripView } from "../../shared/wire";
import { anEvent, aPosition, aTrip } from "../testing/trips";
import { Fleet } from "./fleet";

const snapshot = (trips: TripView[]) =>
  ({ type: "snapshot", epoch: "a", sequence: 1, server_time_ms: Date.now(), trips, unread_count: 0 }) as const;
const positions = (...list: ReturnType<typeof aPosition>[]) =>
  ({ type: "positions", epoch: "a", sequence: 2, server_time_ms: Date.now(), positions: list }) as const;
const tripChanged = (trip: TripView) => ({ type: "trip", epoch: "a", sequence: 3, trip }) as const;

describe("the fleet", () => {
  it("shows the newest position whatever the order of arrival", () => {
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip({ position: aPosition({ sequence: 5, lat: 42.5 }) })]));
    fleet.take(positions(aPosition({ sequence: 7, lat: 42.7 }), aPosition({ sequence: 6, lat: 42.6 })));
    expect(fleet.get(1)?.position?.lat).toBe(42.7);
  });

  it("keeps a newer position when the trip itself changes", () => {
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip({ position: aPosition({ sequence: 9 }) })]));
    fleet.take(tripChanged(aTrip({ stage: "at_unloading", position: aPosition({ sequence: 8 }) })));
    expect(fleet.get(1)).toMatchObject({ stage: "at_unloading", position: { sequence: 9 } });
  });

  it("keeps a newer position over a snapshot that was read earlier", () => {
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip({ position: aPosition({ sequence: 9 }) })]));
    fleet.take(snapshot([aTrip({ position: aPosition({ sequence: 3 }) })]));
    expect(fleet.get(1)?.position?.sequence).toBe(9);
  });

  it("forgets trips a snapshot no longer names", () => {
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip(), aTrip({ id: 2 })]));
    fleet.take(snapshot([aTrip({ id: 2 })]));
    expect(fleet.list().map((trip) => trip.id)).toEqual([2]);
  });

  it("forgets a trip the room says is gone", () => {
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip(), aTrip({ id: 2 })]));
    fleet.take({ type: "trip_gone", epoch: "a", sequence: 2, trip_id: 1 });
    expect(fleet.list().map((trip) => trip.id)).toEqual([2]);
    expect(fleet.calmList().map((trip) => trip.id)).toEqual([2]);
  });

  it("takes no trip of the archive in because something was done with it", () => {
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip({ id: 2, stage: "delivered" })]));
    fleet.change(aTrip({ id: 1, stage: "delivered" }));
    fleet.change(aTrip({ id: 2, stage: "delivered", note: "after" }));
    fleet.change(aTrip({ id: 3 }));
    expect(fleet.list().map((trip) => [trip.id, trip.note])).toEqual([
      [2, "after"],
      [3, expect.anything()],
    ]);
  });

  it("leaves unchanged trips the very same objects, so that their rows are not drawn again", () => {
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip(), aTrip({ id: 2 })]));
    const before = fleet.get(2);
    fleet.take(positions(aPosition({ sequence: 2 })));
    expect(fleet.get(2)).toBe(before);
  });

  it("tells its listeners once a frame, and not of positions that changed nothing", () => {
    const fleet = new Fleet();
    const listener = vi.fn();
    fleet.subscribe(listener);
    fleet.take(snapshot([aTrip()]));
    fleet.take(positions(aPosition({ sequence: 1 }), aPosition({ trip_id: 99, sequence: 5 })));
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it("renews the list that is read once a second, and at once when a trip changes", () => {
    vi.useFakeTimers();
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip()]));
    const before = fleet.calmList();
    fleet.take(positions(aPosition({ sequence: 2 })));
    fleet.take(positions(aPosition({ sequence: 3 })));
    expect(fleet.calmList()).toBe(before);
    vi.advanceTimersByTime(1_000);
    expect(fleet.calmList()[0]?.position?.sequence).toBe(3);
    fleet.take(positions(aPosition({ sequence: 4 })));
    fleet.take(tripChanged(aTrip({ stage: "at_unloading" })));
    expect(fleet.calmList()[0]).toMatchObject({ stage: "at_unloading", position: { sequence: 4 } });
    vi.useRealTimers();
  });

  it("hands on an event once, and again only when it was corrected", () => {
    const fleet = new Fleet();
    const event = (revision: number) =>
      fleet.take({ type: "event", epoch: "a", sequence: 1, event: anEvent({ revision }) });
    expect(event(1)).not.toBeNull();
    expect(event(1)).toBeNull();
    expect(event(2)).toMatchObject({ revision: 2 });
  });

  it("learns how far this machine's clock is off", () => {
    const fleet = new Fleet();
    fleet.take({ ...snapshot([]), server_time_ms: Date.now() + 90_000 });
    expect(Math.abs(fleet.nowMs() - Date.now() - 90_000)).toBeLessThan(1_000);
  });
});

describe("a fleet without a live room", () => {
  it("is filled by what was read otherwise, and loses nothing by it", () => {
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip({ id: 2, stage: "delivered" })]));
    fleet.fill([aTrip()]);
    expect(fleet.loaded).toBe(true);
    expect(fleet.list().map((trip) => trip.id)).toEqual([2, 1]);
  });

  it("lets go of an open trip that is among the open ones no more", () => {
    const fleet = new Fleet();
    fleet.take(snapshot([aTrip(), aTrip({ id: 2 })]));
    fleet.fill([aTrip({ id: 2 })]);
    expect(fleet.list().map((trip) => trip.id)).toEqual([2]);
  });
});
