import type { Map as MapLibre, MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import type { Theme } from "../../shared/map/basemap";
import {
  away,
  type Corner,
  distanceM,
  type Fence,
  MAXIMUM_RADIUS_M,
  MINIMUM_RADIUS_M,
  openRing,
} from "../../shared/map/geometry";
import { addSource, EMPTY, features, removeLayers, setData } from "../../shared/map/layer";
import { fenceFeature } from "../../shared/map/layers/fences";
import { palette } from "../../shared/map/palette";
import { insertCorner, moveFence } from "./draft";

const AREA = "editor-area";
const HANDLES = "editor-handles";
const LAYERS = ["editor-fill", "editor-line", "editor-middles", "editor-corners"];
const GRAB_PX = 14;
const ENDS = ["mouseup", "touchend", "touchcancel", "pointercancel", "blur"] as const;

type Grip = { role: "centre" | "radius" } | { role: "corner" | "middle"; index: number };

/** Draws the fence being edited and lets it be dragged: centre and radius of a circle, corners of a polygon. */
export class FenceEditor {
  private map: MapLibre | null = null;
  private fence: Fence | null = null;
  private grip: Grip | null = null;

  constructor(private readonly onChange: (fence: Fence) => void) {}

  add(map: MapLibre, theme: Theme): void {
    this.remove();
    this.map = map;
    const colours = palette(theme);
    addSource(map, AREA);
    addSource(map, HANDLES);
    map.addLayer({
      id: "editor-fill",
      type: "fill",
      source: AREA,
      paint: { "fill-color": colours.edit, "fill-opacity": 0.16 },
    });
    map.addLayer({
      id: "editor-line",
      type: "line",
      source: AREA,
      paint: { "line-color": colours.edit, "line-width": 2.5 },
    });
    const casing = { "circle-stroke-color": colours.edit, "circle-color": colours.casing };
    map.addLayer({
      id: "editor-middles",
      type: "circle",
      source: HANDLES,
      filter: ["==", ["get", "role"], "middle"],
      paint: { ...casing, "circle-radius": 4.5, "circle-stroke-width": 1.5, "circle-opacity": 0.75 },
    });
    map.addLayer({
      id: "editor-corners",
      type: "circle",
      source: HANDLES,
      filter: ["!=", ["get", "role"], "middle"],
      paint: { ...casing, "circle-radius": 7.5, "circle-stroke-width": 3 },
    });
    map.on("mousedown", this.press);
    map.on("touchstart", this.press);
    map.on("mousemove", this.hover);
    this.update(this.fence);
  }

  update(fence: Fence | null): void {
    this.fence = fence;
    if (this.map) {
      setData(this.map, AREA, fence ? features([fenceFeature(fence)]) : EMPTY);
      setData(this.map, HANDLES, fence ? features(handles(fence)) : EMPTY);
    }
  }

  remove(): void {
    this.letGo();
    const map = this.map;
    this.map = null;
    if (map) {
      map.off("mousedown", this.press);
      map.off("touchstart", this.press);
      map.off("mousemove", this.hover);
      removeLayers(map, LAYERS, [AREA, HANDLES]);
    }
  }

  private gripAt(event: MapMouseEvent | MapTouchEvent): Grip | null {
    const map = this.map;
    if (!map || !this.fence) {
      return null;
    }
    let best: { grip: Grip; apart: number } | null = null;
    for (const handle of handles(this.fence)) {
      const at = map.project((handle.geometry as GeoJSON.Point).coordinates as Corner);
      const apart = Math.hypot(at.x - event.point.x, at.y - event.point.y);
      if (apart <= GRAB_PX && (!best || apart < best.apart)) {
        best = { grip: handle.properties as Grip, apart };
      }
    }
    return best?.grip ?? null;
  }

  private readonly hover = (event: MapMouseEvent): void => {
    if (this.map && this.fence && !this.grip) {
      this.map.getCanvas().style.cursor = this.gripAt(event) ? "grab" : "";
    }
  };

  private readonly press = (event: MapMouseEvent | MapTouchEvent): void => {
    const grip = this.gripAt(event);
    const map = this.map;
    if (!grip || !map || !this.fence) {
      return;
    }
    event.preventDefault();
    this.grip = grip;
    if (grip.role === "middle" && this.fence.type === "polygon") {
      this.change(insertCorner(this.fence, grip.index, [event.lngLat.lng, event.lngLat.lat]));
      this.grip = { role: "corner", index: grip.index + 1 };
    }
    map.on("mousemove", this.drag);
    map.on("touchmove", this.drag);
    // A finger or button is often let go beside the map, or the browser takes the touch for itself.
    for (const end of ENDS) {
      window.addEventListener(end, this.letGo);
    }
  };

  private readonly drag = (event: MapMouseEvent | MapTouchEvent): void => {
    if (this.grip && this.fence) {
      this.change(dragged(this.fence, this.grip, [event.lngLat.lng, event.lngLat.lat]));
    }
  };

  private readonly letGo = (): void => {
    this.grip = null;
    this.map?.off("mousemove", this.drag);
    this.map?.off("touchmove", this.drag);
    for (const end of ENDS) {
      window.removeEventListener(end, this.letGo);
    }
  };

  private change(fence: Fence): void {
    this.update(fence);
    this.onChange(fence);
  }
}

function dragged(fence: Fence, grip: Grip, to: Corner): Fence {
  if (fence.type === "circle") {
    if (grip.role === "centre") {
      return moveFence(fence, to);
    }
    const radius = Math.round(distanceM([fence.lon, fence.lat], to) / 10) * 10;
    return { ...fence, radius_m: Math.min(MAXIMUM_RADIUS_M, Math.max(MINIMUM_RADIUS_M, radius)) };
  }
  const corners = openRing(fence.points);
  if (grip.role === "corner") {
    corners[grip.index] = to;
  }
  return { ...fence, points: corners };
}

function handles(fence: Fence): GeoJSON.Feature[] {
  if (fence.type === "circle") {
    return [
      handle([fence.lon, fence.lat], { role: "centre" }),
      handle(away(fence.lon, fence.lat, fence.radius_m, 90), { role: "radius" }),
    ];
  }
  const corners = openRing(fence.points);
  return corners.flatMap((corner, index) => {
    const next = corners[(index + 1) % corners.length] as Corner;
    const middle: Corner = [(corner[0] + next[0]) / 2, (corner[1] + next[1]) / 2];
    return [handle(corner, { role: "corner", index }), handle(middle, { role: "middle", index })];
  });
}

const handle = (at: Corner, grip: Grip): GeoJSON.Feature => ({
  type: "Feature",
  geometry: { type: "Point", coordinates: at },
  properties: grip,
});
