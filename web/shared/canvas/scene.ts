import type { Fence } from "../wire";
import { pathOf } from "./basemap";
import { boxAround, type Place, toWorld, type WorldBox, type WorldPoint } from "./mercator";

/** A stop as the small map shows it. `fence` is drawn where it is known (the driver's map). */
export interface SceneStop extends Place {
  number: number;
  name: string;
  done: boolean;
  fence?: Fence | null;
}

/** One trip's lines on the small map. */
export interface Scene {
  route: Path2D | null;
  track: Path2D;
  /** Between the track's segments: nothing is known of these stretches. */
  gaps: Path2D;
  stops: (SceneStop & { point: WorldPoint })[];
  points: WorldPoint[];
}

export interface SceneSource {
  route: readonly (readonly [lat: number, lon: number])[] | null;
  segments: readonly (readonly (readonly [lat: number, lon: number])[])[];
  stops: readonly SceneStop[];
}

const worldOf = (line: readonly (readonly [number, number])[]) => line.map(([lat, lon]) => toWorld({ lat, lon }));

/** Prepares a trip's lines for drawing; done once a change, not once a frame. */
export function sceneOf({ route, segments, stops }: SceneSource): Scene {
  const planned = route ? worldOf(route) : [];
  const travelled = segments.map(worldOf).filter((segment) => segment.length > 0);
  const gaps: WorldPoint[][] = [];
  for (let index = 1; index < travelled.length; index++) {
    const [before, after] = [travelled[index - 1]?.at(-1), travelled[index]?.[0]];
    if (before && after) {
      gaps.push([before, after]);
    }
  }
  const pinned = stops.map((stop) => ({ ...stop, point: toWorld(stop) }));
  return {
    route: planned.length > 1 ? pathOf([planned]) : null,
    track: pathOf(travelled),
    gaps: pathOf(gaps),
    stops: pinned,
    points: [...pinned.map((stop) => stop.point), ...planned, ...travelled.flat()],
  };
}

/** Everything worth seeing at once, with the truck. */
export function boxOf(scene: Scene, truck: WorldPoint | null): WorldBox | null {
  return boxAround(truck ? [...scene.points, truck] : scene.points);
}
