import type { PublicTrip } from "../shared/wire";

export const NOON_MS = Date.UTC(2026, 9, 14, 6, 0);
const MINUTE_MS = 60_000;
const iso = (afterNoonMinutes: number) => new Date(NOON_MS + afterNoonMinutes * MINUTE_MS).toISOString();

/** A trip from Bishkek to Osh at noon of Bishkek: loaded, on the way, heard two minutes ago. */
export function aTrip(): PublicTrip {
  const stop = { country: "KG", timezone: "Asia/Bishkek", arrived_source: null, departed_source: null } as const;
  return {
    brand: "Reis",
    order_id: 7,
    stage: "in_transit",
    cargo_name: "Мука",
    driver_name: "Азамат Т.",
    vehicle_plate: "01KG777ABC",
    vehicle_model: "",
    stops: [
      {
        ...stop,
        position: 0,
        kind: "loading",
        name: "Бишкек",
        lat: 42.87,
        lon: 74.6,
        window_from: iso(-300),
        window_to: iso(-240),
        arrived_at: iso(-290),
        arrived_source: "gps",
        departed_at: iso(-230),
        departed_source: "driver",
      },
      {
        ...stop,
        position: 1,
        kind: "unloading",
        name: "Ош",
        lat: 40.53,
        lon: 72.8,
        window_from: iso(300),
        window_to: iso(480),
        arrived_at: null,
        departed_at: null,
      },
    ],
    route: {
      line: "_p~iF~ps|U_ulLnnqC",
      length_m: 600_000,
      duration_s: 36_000,
      approximate: false,
      source: "embedded",
    },
    track: { encoded: "1,0,", point_count: 0, stored_count: 0, simplified: false },
    position: {
      trip_id: 1,
      sequence: 5,
      fix_time_ms: NOON_MS - 2 * MINUTE_MS,
      received_at_ms: NOON_MS - 2 * MINUTE_MS,
      lat: 41.5,
      lon: 73,
      speed_mps: 20,
      progress_m: 386_000,
      distance_left_m: 214_000,
      eta_at_ms: NOON_MS + 400 * MINUTE_MS,
      eta_computed_at_ms: NOON_MS - 2 * MINUTE_MS,
    },
    delivered_at: null,
    ends_at: null,
    server_time_ms: NOON_MS,
    map: { style_url: null, pmtiles_url: null, public_style_url: null },
  };
}
