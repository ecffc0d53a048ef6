import {
  areaM2,
  away,
  type Corner,
  crossesItself,
  type Fence,
  MAXIMUM_RADIUS_M,
  MINIMUM_RADIUS_M,
  openRing,
} from "../../shared/map/geometry";
import type { Circle, Polygon, StopView } from "../../shared/wire";

// The bounds of geo/fences.py.
const MINIMUM_CORNERS = 3;
const MAXIMUM_CORNERS = 200;
const MINIMUM_AREA_M2 = 2_500;
const MAXIMUM_AREA_M2 = Math.PI * MAXIMUM_RADIUS_M ** 2;
const USUAL_RADIUS_M = 300;
const STEP_DEG = 0.0002;

export type FenceFault = "radius" | "few" | "many" | "crosses" | "small" | "large";

/** The fence to begin with: the stop's own, or a circle of 300 m around it. */
export const firstDraft = (stop: StopView): Fence =>
  stop.fence ?? { type: "circle", lat: stop.lat, lon: stop.lon, radius_m: USUAL_RADIUS_M };

/** Why a fence cannot be saved; null when it can. */
export function faultOf(fence: Fence): FenceFault | null {
  if (fence.type === "circle") {
    return fence.radius_m >= MINIMUM_RADIUS_M && fence.radius_m <= MAXIMUM_RADIUS_M ? null : "radius";
  }
  const corners = openRing(fence.points);
  if (corners.length < MINIMUM_CORNERS) {
    return "few";
  }
  if (corners.length > MAXIMUM_CORNERS) {
    return "many";
  }
  if (crossesItself(corners)) {
    return "crosses";
  }
  const area = areaM2(corners);
  return area < MINIMUM_AREA_M2 ? "small" : area > MAXIMUM_AREA_M2 ? "large" : null;
}

/** A circle as a hexagon of the same reach, for whoever wants corners. */
export function asPolygon(fence: Fence): Polygon {
  if (fence.type === "polygon") {
    return fence;
  }
  const points = [0, 60, 120, 180, 240, 300].map((bearing) => away(fence.lon, fence.lat, fence.radius_m, bearing));
  return { type: "polygon", points };
}

/** A polygon as a circle of the same area around its middle. */
export function asCircle(fence: Fence): Circle {
  if (fence.type === "circle") {
    return fence;
  }
  const [lon, lat] = centreOf(fence);
  const radius = Math.sqrt(areaM2(openRing(fence.points)) / Math.PI);
  const radius_m = Math.round(Math.min(MAXIMUM_RADIUS_M, Math.max(MINIMUM_RADIUS_M, radius)));
  return { type: "circle", lat, lon, radius_m };
}

export function centreOf(fence: Fence): Corner {
  if (fence.type === "circle") {
    return [fence.lon, fence.lat];
  }
  const corners = openRing(fence.points);
  const sum = corners.reduce<Corner>(([lon, lat], corner) => [lon + corner[0], lat + corner[1]], [0, 0]);
  return [sum[0] / corners.length, sum[1] / corners.length];
}

/** The fence with its middle at another place. */
export function moveFence(fence: Fence, to: Corner): Fence {
  if (fence.type === "circle") {
    return { ...fence, lon: to[0], lat: to[1] };
  }
  const [lon, lat] = centreOf(fence);
  return {
    ...fence,
    points: openRing(fence.points).map(([x, y]): Corner => [x + to[0] - lon, y + to[1] - lat]),
  };
}

/** A step of the arrow keys: about twenty metres, or a hundred with Shift. */
export function nudge(fence: Fence, key: string, isLarge: boolean): Fence | null {
  const step = STEP_DEG * (isLarge ? 5 : 1);
  const ways: Record<string, Corner> = {
    ArrowUp: [0, step],
    ArrowDown: [0, -step],
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
  };
  const way = ways[key];
  const [lon, lat] = centreOf(fence);
  return way ? moveFence(fence, [lon + way[0], lat + way[1]]) : null;
}

/** A corner more, after the one at `index`. */
export function insertCorner(fence: Polygon, index: number, at: Corner): Polygon {
  const corners = openRing(fence.points);
  corners.splice(index + 1, 0, at);
  return { ...fence, points: corners };
}

/** A corner less; three always stay. */
export function removeCorner(fence: Polygon, index: number): Polygon {
  const corners = openRing(fence.points);
  if (corners.length > MINIMUM_CORNERS) {
    corners.splice(index, 1);
  }
  return { ...fence, points: corners };
}
