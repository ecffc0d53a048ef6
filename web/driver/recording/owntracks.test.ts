import { expect, it } from "vitest";
import { owntracksFix, type PhoneState } from "./owntracks";

const PHONE: PhoneState = { battery_pct: 64, charging: false, network: "mobile" };
const position = (coords: Partial<GeolocationCoordinates> = {}) =>
  ({
    timestamp: 1_790_000_000_600,
    coords: {
      latitude: 42.87461234,
      longitude: 74.56981234,
      accuracy: 8.4,
      altitude: 760.6,
      altitudeAccuracy: null,
      heading: 359.7,
      speed: 20,
      ...coords,
    },
  }) as GeolocationPosition;

it("writes a measurement with OwnTracks' keys and units", () => {
  expect(owntracksFix(position(), PHONE, "t", 1_790_000_001_200)).toEqual({
    _type: "location",
    lat: 42.874612,
    lon: 74.569812,
    tst: 1_790_000_001,
    created_at: 1_790_000_001,
    acc: 8,
    alt: 761,
    vel: 72,
    cog: 0,
    batt: 64,
    bs: 1,
    conn: "m",
    t: "t",
    m: 2,
  });
});

it("leaves out what the phone does not know", () => {
  const phone: PhoneState = { battery_pct: null, charging: null, network: "unknown" };
  const fix = owntracksFix(position({ altitude: null, heading: Number.NaN, speed: null }), phone, "u", 0);
  for (const key of ["alt", "vel", "cog", "batt", "bs", "conn"]) {
    expect(fix).not.toHaveProperty(key);
  }
});

it("tells a full battery from a charging one", () => {
  expect(owntracksFix(position(), { ...PHONE, charging: true }, "t", 0).bs).toBe(2);
  expect(owntracksFix(position(), { ...PHONE, battery_pct: 100, charging: true }, "t", 0).bs).toBe(3);
});
