import type { Circle, Polygon } from "../wire";

export type Fence = Circle | Polygon;
export type Corner = [lon: number, lat: number];

export const EARTH_RADIUS_M = 6_371_008.8;
export const MINIMUM_RADIUS_M = 100;
export const MAXIMUM_RADIUS_M = 20_000;
const METRES_PER_DEGREE = (Math.PI / 180) * EARTH_RADIUS_M;
const CIRCLE_CORNERS = 96;

/** A point so many metres away in a direction (0 is north, 90 east). */
export function away(lon: number, lat: number, distanceM: number, bearingDeg: number): Corner {
  const bearing = (bearingDeg * Math.PI) / 180;
  const north = (Math.cos(bearing) * distanceM) / METRES_PER_DEGREE;
  const east = (Math.sin(bearing) * distanceM) / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180));
  return [lon + east, lat + north];
}

/** Great-circle metres. */
export function distanceM(a: Corner, b: Corner): number {
  const radians = Math.PI / 180;
  const halfNorth = Math.sin(((b[1] - a[1]) * radians) / 2);
  const halfEast = Math.sin(((b[0] - a[0]) * radians) / 2);
  const chord = halfNorth ** 2 + Math.cos(a[1] * radians) * Math.cos(b[1] * radians) * halfEast ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** A fence's outline as a closed ring. */
export function outline(fence: Fence): Corner[] {
  if (fence.type === "circle") {
    return Array.from({ length: CIRCLE_CORNERS + 1 }, (_, index) =>
      away(fence.lon, fence.lat, fence.radius_m, (index % CIRCLE_CORNERS) * (360 / CIRCLE_CORNERS)),
    );
  }
  const corners = openRing(fence.points);
  const first = corners[0];
  return first ? [...corners, first] : [];
}

/** A ring without its repeated last corner. */
export function openRing(points: Corner[]): Corner[] {
  const [first, last] = [points[0], points.at(-1)];
  const isClosed = points.length > 1 && first && last && first[0] === last[0] && first[1] === last[1];
  return isClosed ? points.slice(0, -1) : [...points];
}

/** Whether the sides of a ring cross one another, which no fence may. */
export function crossesItself(corners: Corner[]): boolean {
  const count = corners.length;
  for (let first = 0; first < count; first += 1) {
    for (let second = first + 1; second < count; second += 1) {
      const isNeighbour = second === first + 1 || (first === 0 && second === count - 1);
      if (!isNeighbour && sidesCross(side(corners, first), side(corners, second))) {
        return true;
      }
    }
  }
  return false;
}

/** Square metres inside a ring, flat around its own place. */
export function areaM2(corners: Corner[]): number {
  const lat = corners[0]?.[1] ?? 0;
  const east = METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180);
  let twice = 0;
  corners.forEach(([lon0, lat0], index) => {
    const [lon1, lat1] = corners[(index + 1) % corners.length] as Corner;
    twice += lon0 * east * lat1 * METRES_PER_DEGREE - lon1 * east * lat0 * METRES_PER_DEGREE;
  });
  return Math.abs(twice) / 2;
}

type Side = [Corner, Corner];

const side = (corners: Corner[], index: number): Side => [
  corners[index] as Corner,
  corners[(index + 1) % corners.length] as Corner,
];

function sidesCross([a, b]: Side, [c, d]: Side): boolean {
  const turn = (p: Corner, q: Corner, r: Corner) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b);
}

export type Bounds = [west: number, south: number, east: number, north: number];

/** The smallest box around points; null of none. */
export function boundsOf(points: Iterable<Corner>): Bounds | null {
  let bounds: Bounds | null = null;
  for (const [lon, lat] of points) {
    bounds = bounds
      ? [Math.min(bounds[0], lon), Math.min(bounds[1], lat), Math.max(bounds[2], lon), Math.max(bounds[3], lat)]
      : [lon, lat, lon, lat];
  }
  return bounds;
}
