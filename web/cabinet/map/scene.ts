import type { Map as MapLibre, MapLibreEvent, StyleSpecification } from "maplibre-gl";
import type { Theme } from "../../shared/map/basemap";
import { createMap, type MapWords, REGION } from "../../shared/map/create";
import type { Bounds, Fence } from "../../shared/map/geometry";
import { FenceLayer } from "../../shared/map/layers/fences";
import { PathLayer } from "../../shared/map/layers/path";
import { ReplayLayer, type ReplayMark } from "../../shared/map/layers/replay";
import { RouteLayer } from "../../shared/map/layers/route";
import { StopLayer } from "../../shared/map/layers/stops";
import { TruckLayer, type TruckMark } from "../../shared/map/layers/trucks";
import type { TrackPoint } from "../../shared/track";
import type { RouteView, StopView } from "../../shared/wire";
import { FenceEditor } from "../fence/editor";

export interface SceneListeners {
  onSelect: (tripId: number) => void;
  /** The user moved the map himself. */
  onPan: () => void;
  onFence: (fence: Fence) => void;
}

/** The chosen trip as drawn under the trucks. */
export interface Drawing {
  route: RouteView | null;
  path: TrackPoint[][];
  stops: StopView[];
  fences: Fence[];
}

const NOTHING: Drawing = { route: null, path: [], stops: [], fences: [] };
const CLOSEST_FIT = 14;
// Stops stand above the other trucks and below the chosen one.
const FRONT_LAYER = "truck-halo";

/** The map with its layers; all of them come back by themselves when the basemap changes. */
export class Scene {
  readonly map: MapLibre;
  private readonly route = new RouteLayer();
  private readonly path = new PathLayer();
  private readonly fences = new FenceLayer();
  private readonly stops = new StopLayer();
  private readonly replay = new ReplayLayer();
  private readonly trucks: TruckLayer;
  private readonly editor: FenceEditor;
  private following = false;
  private watched: { lon: number; lat: number } | null = null;
  private isReady = false;
  private theme: Theme;

  constructor(
    container: HTMLElement,
    style: string | StyleSpecification,
    theme: Theme,
    words: MapWords,
    listeners: SceneListeners,
  ) {
    this.theme = theme;
    this.map = createMap(container, style, words);
    this.trucks = new TruckLayer(listeners.onSelect, (place) => this.keepInSight(place));
    this.map.on("zoomend", () => this.keepInSight());
    // A view that still moves says so: what lies under the pointer is not yet what will be pressed.
    this.map.on("movestart", () => container.setAttribute("aria-busy", "true"));
    this.map.on("moveend", () => container.removeAttribute("aria-busy"));
    this.editor = new FenceEditor(listeners.onFence);
    this.map.on("style.load", () => this.addLayers());
    this.map.on("dragstart", (event: MapLibreEvent<unknown>) => event.originalEvent && listeners.onPan());
  }

  setBasemap(style: string | StyleSpecification, theme: Theme): void {
    this.theme = theme;
    this.map.setStyle(style, { diff: false });
  }

  showTrucks(marks: TruckMark[], selectedId: number | null, serverNowMs: number): void {
    this.trucks.update(marks, selectedId, serverNowMs);
  }

  point(tripId: number | null): void {
    this.trucks.point(tripId);
  }

  showTrip(drawing: Drawing | null): void {
    const { route, path, stops, fences } = drawing ?? NOTHING;
    this.route.update(route);
    this.path.update(path);
    this.stops.update(stops);
    this.fences.update(fences);
  }

  showMoment(mark: ReplayMark | null): void {
    this.replay.update(mark);
    if (mark) {
      this.keepInSight(mark);
    }
  }

  edit(fence: Fence | null): void {
    this.editor.update(fence);
  }

  follow(following: boolean): void {
    this.following = following;
    this.keepInSight();
  }

  fit(bounds: Bounds | null, bottomPx: number): void {
    // The buttons over the map stand at its right.
    const padding = { top: 70, left: 60, right: 84, bottom: bottomPx + 60 };
    this.map.fitBounds(bounds ?? REGION, { padding, maxZoom: CLOSEST_FIT, duration: this.isReady ? 600 : 0 });
  }

  /** One step nearer or farther; a truck that is followed stays in the middle. */
  zoom(steps: 1 | -1): void {
    const center = this.following && this.watched ? { center: this.watched } : {};
    this.map.easeTo({ zoom: this.map.getZoom() + steps, ...center });
  }

  remove(): void {
    this.trucks.remove();
    this.editor.remove();
    this.map.remove();
  }

  private addLayers(): void {
    this.isReady = true;
    const { map, theme } = this;
    this.fences.add(map, theme);
    this.route.add(map, theme);
    this.path.add(map, theme);
    this.trucks.add(map, theme);
    this.stops.add(map, theme, FRONT_LAYER);
    this.replay.add(map, theme);
    this.editor.add(map, theme);
  }

  private keepInSight(place = this.watched): void {
    this.watched = place;
    // A zoom under way would be cut off by moving the map; it is caught up with at its end.
    if (place && this.following && !this.map.isZooming()) {
      this.map.easeTo({ center: [place.lon, place.lat], duration: 200, easing: (share) => share });
    }
  }
}
