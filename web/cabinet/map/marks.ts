import type { TruckMark } from "../../shared/map/layers/trucks";
import type { TripView } from "../../shared/wire";
import { isMoving, isOpen, isSilent } from "../trip/status";

/** A trip as the map draws its truck; null before the first position. */
export function truckMark(trip: TripView, nowMs: number): TruckMark | null {
  const { position } = trip;
  if (!position) {
    return null;
  }
  const isStale = isSilent(trip, nowMs) || !isOpen(trip);
  return {
    id: trip.id,
    stage: trip.stage,
    plate: trip.driver.vehicle_plate,
    lon: position.lon,
    lat: position.lat,
    bearingDeg: position.bearing_deg ?? null,
    isMoving: isMoving(trip) && position.bearing_deg !== undefined && position.bearing_deg !== null,
    isStale,
    fixTimeMs: position.fix_time_ms,
  };
}
