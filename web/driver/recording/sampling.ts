/** What matters of a measurement when deciding whether to keep it. */
export interface Sample {
  atMs: number;
  lat: number;
  lon: number;
  accuracy_m: number;
  bearing_deg: number | null;
}

export const MOVING_EVERY_MS = 10_000;
export const STANDING_EVERY_MS = 60_000;
const TURN_EVERY_MS = 3_000;
const TURN_DEG = 25;
const MOVED_M = 30;
const METRES_PER_DEGREE = 111_195;

export function apart_m(one: Pick<Sample, "lat" | "lon">, other: Pick<Sample, "lat" | "lon">): number {
  const east = (other.lon - one.lon) * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(other.lat - one.lat, east) * METRES_PER_DEGREE;
}

function turn_deg(one: number | null, other: number | null): number {
  return one === null || other === null ? 0 : Math.abs(((other - one + 540) % 360) - 180);
}

/**
 * Whether a measurement is worth keeping after the last kept one: every ten seconds of driving, sooner in a bend, once
 * a minute while standing. Drifting about within its own accuracy is standing.
 */
export function worthKeeping(last: Sample | null, next: Sample): boolean {
  if (last === null) {
    return true;
  }
  const elapsed = next.atMs - last.atMs;
  if (elapsed <= 0) {
    return false;
  }
  if (elapsed >= STANDING_EVERY_MS) {
    return true;
  }
  const moved = apart_m(last, next) > Math.max(MOVED_M, Math.min(next.accuracy_m, 200));
  if (!moved) {
    return false;
  }
  return (
    elapsed >= MOVING_EVERY_MS || (elapsed >= TURN_EVERY_MS && turn_deg(last.bearing_deg, next.bearing_deg) >= TURN_DEG)
  );
}
