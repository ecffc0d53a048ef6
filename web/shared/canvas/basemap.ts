import { decodePolyline } from "../track";
import type { Colours } from "./colours";
import { toWorld, type View, type WorldPoint, worldPixels } from "./mercator";

/** The file `/basemap/canvas.json`: every line is an encoded polyline of precision 3 (about 100 m). */
export interface BasemapFile {
  border: string[];
  disputed: string[];
  lake: string[];
  river: string[];
  /** Main roads first. */
  road: [main: string[], other: string[]];
  /** Cities by rank: 1 a capital or a million people … 4 a town worth naming only from near. */
  place: [lat: number, lon: number, rank: number, ru: string, en: string, ky: string][];
  country: [lat: number, lon: number, ru: string, en: string, ky: string][];
}

/** The file as the hub serves it; null where it cannot be had. */
export async function loadBasemap(): Promise<BasemapFile | null> {
  const response = await fetch("/basemap/canvas.json").catch(() => null);
  return response?.ok ? ((await response.json()) as BasemapFile) : null;
}

export type MapLanguage = "ru" | "en" | "ky";

export interface NamedPlace {
  point: WorldPoint;
  rank: number;
  names: Record<MapLanguage, string>;
}

/** The basemap ready for drawing. Paths are in world units around `ORIGIN`, where floats are finest. */
export interface Basemap {
  borders: Path2D;
  disputed: Path2D;
  lakes: Path2D;
  rivers: Path2D;
  mainRoads: Path2D;
  otherRoads: Path2D;
  places: NamedPlace[];
  countries: NamedPlace[];
}

/** Canvas paths keep 24 bits of a number: near zero, in the region's middle, that is centimetres. */
export const ORIGIN: WorldPoint = toWorld({ lat: 42, lon: 73 });

/** A path of many lines in world units around `ORIGIN`. */
export function pathOf(lines: Iterable<readonly WorldPoint[]>, closed = false): Path2D {
  const path = new Path2D();
  for (const line of lines) {
    line.forEach(({ x, y }, index) => {
      if (index === 0) {
        path.moveTo(x - ORIGIN.x, y - ORIGIN.y);
      } else {
        path.lineTo(x - ORIGIN.x, y - ORIGIN.y);
      }
    });
    if (closed) {
      path.closePath();
    }
  }
  return path;
}

const worldLine = (text: string) => decodePolyline(text, 3).map(([lat, lon]) => toWorld({ lat, lon }));

export function readBasemap(file: BasemapFile): Basemap {
  const path = (lines: string[], closed = false) => pathOf(lines.map(worldLine), closed);
  const [mainRoads, otherRoads] = file.road;
  return {
    borders: path(file.border),
    disputed: path(file.disputed),
    lakes: path(file.lake, true),
    rivers: path(file.river),
    mainRoads: path(mainRoads),
    otherRoads: path(otherRoads),
    places: file.place.map(([lat, lon, rank, ru, en, ky]) => ({
      point: toWorld({ lat, lon }),
      rank,
      names: { ru, en, ky },
    })),
    countries: file.country.map(([lat, lon, ru, en, ky]) => ({
      point: toWorld({ lat, lon }),
      rank: 0,
      names: { ru, en, ky },
    })),
  };
}

/** Sets the canvas so that world units around `ORIGIN` land in the right pixels; returns one pixel in world units. */
export function enterWorld(context: CanvasRenderingContext2D, view: View, ratio: number): number {
  const scale = worldPixels(view.zoom);
  context.setTransform(
    scale * ratio,
    0,
    0,
    scale * ratio,
    ((ORIGIN.x - view.x) * scale + view.width / 2) * ratio,
    ((ORIGIN.y - view.y) * scale + view.height / 2) * ratio,
  );
  return 1 / scale;
}

export function drawBasemap(
  context: CanvasRenderingContext2D,
  basemap: Basemap,
  colours: Colours,
  zoom: number,
  pixel: number,
): void {
  const nearness = Math.max(0, Math.min(1, (zoom - 5) / 6));
  const stroke = (path: Path2D, colour: string, width: number, dash: number[] = []) => {
    context.strokeStyle = colour;
    context.lineWidth = width * pixel;
    context.setLineDash(dash.map((length) => length * pixel));
    context.stroke(path);
  };
  context.lineJoin = "round";
  context.lineCap = "round";
  context.fillStyle = colours.water;
  context.fill(basemap.lakes);
  stroke(basemap.rivers, colours.water, 0.8 + nearness);
  if (zoom >= 5.5) {
    stroke(basemap.otherRoads, colours.roadCasing, 1.2 + nearness * 2);
  }
  stroke(basemap.mainRoads, colours.roadCasing, 1.6 + nearness * 4);
  stroke(basemap.mainRoads, colours.road, 0.6 + nearness * 3);
  stroke(basemap.borders, colours.borderHalo, 5);
  stroke(basemap.borders, colours.border, 1.1);
  stroke(basemap.disputed, colours.border, 1, [3, 4]);
  context.setLineDash([]);
}
