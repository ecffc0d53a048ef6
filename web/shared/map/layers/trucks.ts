import type { MapLayerMouseEvent, Map as MapLibre } from "maplibre-gl";
import type { Theme } from "../basemap";
import { addClusterImage, addPlateImage, addTruckImages, truckImage } from "../images";
import { addSource, features, removeLayers, setData } from "../layer";
import type { Place } from "../motion";
import { Motion } from "../motion";
import { type Palette, palette, type Stage } from "../palette";

/** What the map shows of one truck. */
export interface TruckMark {
  id: number;
  stage: Stage;
  plate: string;
  lon: number;
  lat: number;
  bearingDeg: number | null;
  isMoving: boolean;
  isStale: boolean;
  fixTimeMs: number;
}

const SOURCE = "trucks";
const SELECTED = "truck-selected";
const LAYERS = [
  "truck-hover",
  "truck-clusters",
  "truck-icons",
  "truck-plates",
  "truck-halo",
  "truck-selected-icon",
  "truck-selected-plate",
];
const BACKGROUND_LAYERS = ["truck-clusters", "truck-icons", "truck-plates"];

const FASTEST_MS = 100;

/**
 * How often moving trucks are drawn, by zoom: ten times a second where a truck crosses pixels, seldom where it takes
 * seconds for one. More would keep the map's worker busy for nothing.
 */
const frameMs = (zoom: number): number => (zoom >= 12 ? FASTEST_MS : zoom >= 10 ? 300 : 1_000);

/** All trucks: an arrow each with its plate, gathered into a count where they stand too close. */
export class TruckLayer {
  private marks: TruckMark[] = [];
  private selectedId: number | null = null;
  private hoveredId: number | null = null;
  private readonly motion = new Motion();
  private frame = 0;
  private drawnAtMs = Number.NEGATIVE_INFINITY;
  /** Something is not drawn yet; `isUrgent` when it is more than trucks driving on. */
  private isDirty = false;
  private isUrgent = false;
  private isSelectedShown = false;
  private map: MapLibre | null = null;
  private colours: Palette = palette("light");
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(
    private readonly onSelect: (id: number) => void,
    private readonly onMoved: (selected: Place) => void,
  ) {}

  add(map: MapLibre, theme: Theme): void {
    this.remove();
    this.map = map;
    this.colours = palette(theme);
    addTruckImages(map, this.colours);
    addSource(map, SOURCE, { cluster: true });
    addSource(map, SELECTED);
    this.isSelectedShown = false;
    this.drawClusters(map);
    this.addTruckLayers(map);
    this.addSelectedLayers(map);
    this.choose(this.selectedId);
    this.point(this.hoveredId);
    map.on("click", ["truck-icons", "truck-plates"], this.click);
    map.on("click", "truck-clusters", this.open);
    for (const layer of BACKGROUND_LAYERS) {
      map.on("mouseenter", layer, this.enter);
      map.on("mouseleave", layer, this.leave);
    }
    this.draw(performance.now());
    this.run();
  }

  update(marks: TruckMark[], selectedId: number | null, serverNowMs: number): void {
    const nowMs = performance.now();
    this.isUrgent ||= selectedId !== this.selectedId || !looksTheSame(marks, this.marks);
    this.marks = marks;
    this.choose(selectedId);
    this.motion.keepOnly(new Set(marks.map((mark) => mark.id)));
    for (const mark of marks) {
      const ageMs = this.calm.matches ? Number.POSITIVE_INFINITY : serverNowMs - mark.fixTimeMs;
      const bearing_deg = mark.bearingDeg ?? this.motion.placeOf(mark.id, nowMs)?.bearing_deg ?? 0;
      this.motion.moveTo(mark.id, { lon: mark.lon, lat: mark.lat, bearing_deg }, mark.fixTimeMs, ageMs, nowMs);
    }
    this.isDirty = true;
    this.run();
  }

  /** Rings the truck whose line in the list is under the pointer. */
  point(id: number | null): void {
    this.hoveredId = id;
    if (this.map?.getLayer("truck-hover")) {
      this.map.setFilter("truck-hover", ["==", ["get", "id"], id ?? -1]);
    }
  }

  remove(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const map = this.map;
    this.map = null;
    if (map) {
      map.off("click", ["truck-icons", "truck-plates"], this.click);
      map.off("click", "truck-clusters", this.open);
      for (const layer of BACKGROUND_LAYERS) {
        map.off("mouseenter", layer, this.enter);
        map.off("mouseleave", layer, this.leave);
      }
      removeLayers(map, LAYERS, [SOURCE, SELECTED]);
    }
  }

  /** The others step back while one truck is looked at. */
  private choose(selectedId: number | null): void {
    this.selectedId = selectedId;
    for (const layer of BACKGROUND_LAYERS) {
      // While another basemap loads there are no layers; they are told again when they come back.
      if (this.map?.getLayer(layer)) {
        this.map.setPaintProperty(layer, "icon-opacity", selectedId === null ? 1 : 0.4);
      }
    }
  }

  private run(): void {
    if (!this.frame && this.map && this.isDirty) {
      this.frame = requestAnimationFrame(this.step);
    }
  }

  private readonly step = (): void => {
    this.frame = 0;
    const nowMs = performance.now();
    const everyMs = this.isUrgent ? FASTEST_MS : frameMs(this.map?.getZoom() ?? 0);
    if (nowMs - this.drawnAtMs >= everyMs) {
      // Whoever is still on the way is drawn once more where he arrives.
      const isMoving = this.motion.isMoving(nowMs);
      this.draw(nowMs);
      this.isDirty = isMoving;
    }
    this.run();
  };

  private draw(nowMs: number): void {
    if (!this.map) {
      return;
    }
    this.drawnAtMs = nowMs;
    this.isUrgent = false;
    const others: GeoJSON.Feature[] = [];
    const selected: GeoJSON.Feature[] = [];
    for (const mark of this.marks) {
      const place = this.motion.placeOf(mark.id, nowMs);
      if (place) {
        (mark.id === this.selectedId ? selected : others).push(this.feature(this.map, mark, place));
        if (mark.id === this.selectedId) {
          this.onMoved(place);
        }
      }
    }
    setData(this.map, SOURCE, features(others));
    if (selected.length > 0 || this.isSelectedShown) {
      setData(this.map, SELECTED, features(selected));
      this.isSelectedShown = selected.length > 0;
    }
  }

  private feature(map: MapLibre, mark: TruckMark, place: Place): GeoJSON.Feature {
    const isSelected = mark.id === this.selectedId;
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates: [place.lon, place.lat] },
      properties: {
        id: mark.id,
        icon: truckImage(mark.stage, mark.isStale, mark.isMoving),
        plate: mark.plate ? addPlateImage(map, mark.plate, this.colours, isSelected) : "",
        bearing: mark.isMoving ? place.bearing_deg : 0,
        colour: mark.isStale ? this.colours.stale : this.colours.stage[mark.stage],
      },
    };
  }

  private drawClusters(map: MapLibre): void {
    map.setMissingStyleImageResolver((name) => {
      const count = /^cluster-(\d+)/.exec(name)?.[1];
      if (count) {
        addClusterImage(map, Number(count), this.colours, name);
      }
    });
  }

  private addTruckLayers(map: MapLibre): void {
    map.addLayer({
      id: "truck-hover",
      type: "circle",
      source: SOURCE,
      paint: { "circle-radius": 21, "circle-color": ["get", "colour"], "circle-opacity": 0.3 },
    });
    const single: ["!", ["has", string]] = ["!", ["has", "point_count"]];
    map.addLayer({
      id: "truck-plates",
      type: "symbol",
      source: SOURCE,
      filter: single,
      layout: { "icon-image": ["get", "plate"], "icon-offset": [0, 23], "icon-padding": 1 },
    });
    map.addLayer({
      id: "truck-clusters",
      type: "symbol",
      source: SOURCE,
      filter: ["has", "point_count"],
      layout: {
        "icon-image": ["concat", "cluster-", ["to-string", ["get", "point_count"]], `-${this.colours.plate}`],
        "icon-allow-overlap": true,
      },
    });
    map.addLayer({
      id: "truck-icons",
      type: "symbol",
      source: SOURCE,
      filter: single,
      layout: {
        "icon-image": ["get", "icon"],
        "icon-rotate": ["get", "bearing"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        // A truck must not push out its own plate.
        "icon-ignore-placement": true,
      },
    });
  }

  private addSelectedLayers(map: MapLibre): void {
    map.addLayer({
      id: "truck-halo",
      type: "circle",
      source: SELECTED,
      paint: { "circle-radius": 24, "circle-color": ["get", "colour"], "circle-opacity": 0.22 },
    });
    map.addLayer({
      id: "truck-selected-plate",
      type: "symbol",
      source: SELECTED,
      layout: { "icon-image": ["get", "plate"], "icon-offset": [0, 30], "icon-allow-overlap": true },
    });
    map.addLayer({
      id: "truck-selected-icon",
      type: "symbol",
      source: SELECTED,
      layout: {
        "icon-image": ["get", "icon"],
        "icon-size": 1.2,
        "icon-rotate": ["get", "bearing"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    });
  }

  private readonly click = (event: MapLayerMouseEvent): void => {
    const id = event.features?.[0]?.properties.id;
    if (typeof id === "number") {
      this.onSelect(id);
    }
  };

  private readonly open = (event: MapLayerMouseEvent): void => {
    event.target.easeTo({ center: event.lngLat, zoom: event.target.getZoom() + 2 });
  };

  private readonly enter = (event: MapLayerMouseEvent): void => {
    event.target.getCanvas().style.cursor = "pointer";
  };

  private readonly leave = (event: MapLayerMouseEvent): void => {
    event.target.getCanvas().style.cursor = "";
  };
}

/** Whether two sets of marks differ in nothing but where the trucks are. */
function looksTheSame(marks: TruckMark[], known: TruckMark[]): boolean {
  return (
    marks.length === known.length &&
    marks.every((mark, index) => {
      const other = known[index] as TruckMark;
      return (
        mark.id === other.id &&
        mark.stage === other.stage &&
        mark.plate === other.plate &&
        mark.isMoving === other.isMoving &&
        mark.isStale === other.isStale
      );
    })
  );
}
