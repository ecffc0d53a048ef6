/** A place on Earth: WGS-84 degrees. */
export interface Place {
  lat: number;
  lon: number;
}

/** A point of the flat world: the whole Web Mercator square is 0…1 in both directions, y grows southwards. */
export interface WorldPoint {
  x: number;
  y: number;
}

/** A point of the canvas in CSS pixels. */
export interface ScreenPoint {
  x: number;
  y: number;
}

export interface WorldBox {
  west: number;
  north: number;
  east: number;
  south: number;
}

/** Free room to leave at the canvas's edges, CSS pixels. */
export interface Padding {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** What the canvas shows: the world point in its middle, the zoom (0: the world is 256 px wide) and its size. */
export interface View {
  x: number;
  y: number;
  zoom: number;
  width: number;
  height: number;
}

export const TILE_PX = 256;
export const MINIMUM_ZOOM = 3;
export const MAXIMUM_ZOOM = 14;
const MAXIMUM_LATITUDE_DEG = 85;
const EARTH_CIRCUMFERENCE_M = 40_075_016.7;

export function toWorld({ lat, lon }: Place): WorldPoint {
  const clamped = Math.max(-MAXIMUM_LATITUDE_DEG, Math.min(MAXIMUM_LATITUDE_DEG, lat));
  const sine = Math.sin((clamped * Math.PI) / 180);
  return { x: lon / 360 + 0.5, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) };
}

export function toPlace({ x, y }: WorldPoint): Place {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
  return { lat, lon: (x - 0.5) * 360 };
}

/** Pixels of the whole world's width at a zoom. */
export const worldPixels = (zoom: number) => TILE_PX * 2 ** zoom;

export function toScreen(view: View, point: WorldPoint): ScreenPoint {
  const scale = worldPixels(view.zoom);
  return { x: (point.x - view.x) * scale + view.width / 2, y: (point.y - view.y) * scale + view.height / 2 };
}

export function fromScreen(view: View, point: ScreenPoint): WorldPoint {
  const scale = worldPixels(view.zoom);
  return { x: view.x + (point.x - view.width / 2) / scale, y: view.y + (point.y - view.height / 2) / scale };
}

export const clampZoom = (zoom: number) => Math.max(MINIMUM_ZOOM, Math.min(MAXIMUM_ZOOM, zoom));

/** The same view moved by pixels, as a finger drags it. */
export function panned(view: View, byX: number, byY: number): View {
  const scale = worldPixels(view.zoom);
  return { ...view, x: view.x - byX / scale, y: Math.max(0, Math.min(1, view.y - byY / scale)) };
}

/** The same view at another zoom, with the world point under `anchor` staying under it. */
export function zoomedAround(view: View, zoom: number, anchor: ScreenPoint): View {
  const target = clampZoom(zoom);
  const held = fromScreen(view, anchor);
  const moved = fromScreen({ ...view, zoom: target }, anchor);
  return { ...view, zoom: target, x: view.x + held.x - moved.x, y: view.y + held.y - moved.y };
}

export function boxAround(points: readonly WorldPoint[]): WorldBox | null {
  if (points.length === 0) {
    return null;
  }
  const box: WorldBox = { west: Infinity, north: Infinity, east: -Infinity, south: -Infinity };
  for (const { x, y } of points) {
    box.west = Math.min(box.west, x);
    box.east = Math.max(box.east, x);
    box.north = Math.min(box.north, y);
    box.south = Math.max(box.south, y);
  }
  return box;
}

/** The view that shows the whole box inside the padding, never nearer than `nearestZoom`. */
export function fitted(view: View, box: WorldBox, padding: Padding, nearestZoom: number): View {
  const width = Math.max(40, view.width - padding.left - padding.right);
  const height = Math.max(40, view.height - padding.top - padding.bottom);
  const across = Math.max(box.east - box.west, 1e-9);
  const down = Math.max(box.south - box.north, 1e-9);
  const zoom = clampZoom(Math.min(Math.log2(Math.min(width / across, height / down) / TILE_PX), nearestZoom));
  const scale = worldPixels(zoom);
  return {
    ...view,
    zoom,
    x: (box.west + box.east) / 2 + (padding.right - padding.left) / 2 / scale,
    y: (box.north + box.south) / 2 + (padding.bottom - padding.top) / 2 / scale,
  };
}

/** How many CSS pixels one metre takes around the view's middle. */
export function pixelsPerMetre(view: View): number {
  const { lat } = toPlace(view);
  return worldPixels(view.zoom) / (EARTH_CIRCUMFERENCE_M * Math.cos((lat * Math.PI) / 180));
}
