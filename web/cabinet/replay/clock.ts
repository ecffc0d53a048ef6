import type { TrackPoint } from "../../shared/track";

/** Where the truck was at a moment of its path. */
export interface Moment {
  timeMs: number;
  lat: number;
  lon: number;
  bearingDeg: number;
  speedMps: number;
  isMoving: boolean;
  /** The moment lies between two pieces of the path, where nobody measured. */
  isGap: boolean;
}

const STILL_BELOW_MPS = 0.6;
const METRES_PER_DEGREE = 111_195;

export const startMs = (path: TrackPoint[][]): number => (path[0]?.[0]?.timeS ?? 0) * 1000;
export const endMs = (path: TrackPoint[][]): number => (path.at(-1)?.at(-1)?.timeS ?? 0) * 1000;

/** Where the truck was at `timeMs`; null of an empty path. In a gap it stands where it was last seen. */
export function momentAt(path: TrackPoint[][], timeMs: number): Moment | null {
  const timeS = timeMs / 1000;
  const segment = path.findLast((candidate) => (candidate[0]?.timeS ?? 0) <= timeS) ?? path[0];
  const first = segment?.[0];
  if (!segment || !first) {
    return null;
  }
  const index = lastAtOrBefore(segment, timeS);
  const from = segment[index] ?? first;
  const to = segment[index + 1];
  if (!to || timeS <= from.timeS) {
    return still(to ?? null, from, timeMs, !to && timeS > from.timeS && timeMs < endMs(path));
  }
  const share = Math.min(1, (timeS - from.timeS) / (to.timeS - from.timeS));
  const speed = metres(from, to) / (to.timeS - from.timeS);
  return {
    timeMs,
    lat: from.lat + (to.lat - from.lat) * share,
    lon: from.lon + (to.lon - from.lon) * share,
    bearingDeg: bearing(from, to),
    speedMps: speed,
    isMoving: speed > STILL_BELOW_MPS,
    isGap: false,
  };
}

/** The moment to show after `elapsedMs` of playing; a gap is passed over at once. Null at the end. */
export function advance(path: TrackPoint[][], timeMs: number, elapsedMs: number, speed: number): number | null {
  const next = timeMs + elapsedMs * speed;
  if (next >= endMs(path)) {
    return null;
  }
  const here = path.findLastIndex((segment) => (segment[0]?.timeS ?? 0) * 1000 <= next);
  const piece = path[here];
  const isAfterPiece = piece !== undefined && next > (piece.at(-1)?.timeS ?? 0) * 1000;
  return isAfterPiece ? (path[here + 1]?.[0]?.timeS ?? 0) * 1000 : next;
}

/** Between which moments nobody measured. */
export const gapsOf = (path: TrackPoint[][]): [fromMs: number, toMs: number][] =>
  path.slice(1).map((segment, index) => [(path[index]?.at(-1)?.timeS ?? 0) * 1000, (segment[0]?.timeS ?? 0) * 1000]);

function still(next: TrackPoint | null, at: TrackPoint, timeMs: number, isGap: boolean): Moment {
  const bearingDeg = next ? bearing(at, next) : 0;
  return { timeMs, lat: at.lat, lon: at.lon, bearingDeg, speedMps: 0, isMoving: false, isGap };
}

function lastAtOrBefore(segment: TrackPoint[], timeS: number): number {
  let low = 0;
  let high = segment.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((segment[middle]?.timeS ?? 0) <= timeS) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

const eastScale = (lat: number): number => Math.cos((lat * Math.PI) / 180);

const metres = (from: TrackPoint, to: TrackPoint): number =>
  Math.hypot((to.lon - from.lon) * eastScale(from.lat), to.lat - from.lat) * METRES_PER_DEGREE;

const bearing = (from: TrackPoint, to: TrackPoint): number =>
  ((Math.atan2((to.lon - from.lon) * eastScale(from.lat), to.lat - from.lat) * 180) / Math.PI + 360) % 360;
