import type { EventView, PositionView, StopView, TripView } from "../../shared/wire";

/** 14 October 2026, 12:00 UTC. */
export const NOW = Date.UTC(2026, 9, 14, 12);
export const HOUR = 3_600_000;

export const iso = (ms: number): string => new Date(ms).toISOString();

export const aPosition = (more: Partial<PositionView> = {}): PositionView => ({
  trip_id: 1,
  sequence: 1,
  fix_time_ms: NOW - 60_000,
  received_at_ms: NOW - 59_000,
  lat: 42,
  lon: 74,
  ...more,
});

export const aStop = (more: Partial<StopView> = {}): StopView => ({
  id: 1,
  position: 1,
  kind: "loading",
  name: "Бишкек",
  address: "",
  country: "KG",
  timezone: "Asia/Bishkek",
  lat: 42.87,
  lon: 74.6,
  fence: null,
  window_from: null,
  window_to: null,
  arrived_at: null,
  arrived_source: null,
  departed_at: null,
  departed_source: null,
  ...more,
});

export const aTrip = (more: Partial<TripView> = {}): TripView => ({
  id: 1,
  order_id: 101,
  stage: "in_transit",
  cargo_name: "Мёд",
  customer_name: "ОсОО «Сладость»",
  weight_kg: 18_000,
  note: "",
  driver: { id: 1, name: "Бакыт Асанов", phone: "+996555123456", vehicle_plate: "01 KG 777 ABC", vehicle_model: "MAN" },
  stops: [
    aStop({ id: 1, departed_at: iso(NOW - 3 * HOUR), arrived_at: iso(NOW - 4 * HOUR) }),
    aStop({ id: 2, position: 2, kind: "unloading", name: "Ош", lat: 40.5, lon: 72.8, window_to: iso(NOW + 6 * HOUR) }),
  ],
  plan_version: 1,
  window_from: iso(NOW - 5 * HOUR),
  window_to: null,
  delivered_at: null,
  route_length_m: 600_000,
  route_duration_s: 36_000,
  route_approximate: false,
  position: aPosition(),
  silence: {},
  share_count: 0,
  ...more,
});

export const anEvent = (more: Partial<EventView> = {}): EventView => ({
  id: 1,
  revision: 1,
  kind: "arrived",
  subject_kind: "trip",
  subject_id: 1,
  trip_id: 1,
  order_id: 101,
  stop_id: 2,
  at: iso(NOW),
  recorded_at: iso(NOW),
  source: "gps",
  late: false,
  withdrawn: false,
  data: {},
  caused_by: null,
  ...more,
});
