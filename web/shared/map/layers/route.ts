import type { Map as MapLibre } from "maplibre-gl";
import { decodePolyline } from "../../track";
import type { RouteView } from "../../wire";
import type { Theme } from "../basemap";
import { addSource, EMPTY, features, removeLayers, setData } from "../layer";
import { palette } from "../palette";

const SOURCE = "route";
const LAYERS = ["route-casing", "route-line", "route-approximate"];

/** The planned road of the chosen trip; dashed where the road graph could only guess. */
export class RouteLayer {
  private map: MapLibre | null = null;
  private route: RouteView | null = null;

  add(map: MapLibre, theme: Theme, before?: string): void {
    this.map = map;
    const colours = palette(theme);
    addSource(map, SOURCE);
    const round = { "line-cap": "round", "line-join": "round" } as const;
    const width: ["interpolate", ["linear"], ["zoom"], ...number[]] = [
      "interpolate",
      ["linear"],
      ["zoom"],
      4,
      2,
      12,
      4.5,
    ];
    map.addLayer(
      {
        id: "route-casing",
        type: "line",
        source: SOURCE,
        layout: round,
        paint: {
          "line-color": colours.casing,
          "line-width": ["interpolate", ["linear"], ["zoom"], 4, 4, 12, 8],
          "line-opacity": 0.8,
        },
      },
      before,
    );
    map.addLayer(
      {
        id: "route-line",
        type: "line",
        source: SOURCE,
        filter: ["!", ["get", "approximate"]],
        layout: round,
        paint: { "line-color": colours.planned, "line-width": width, "line-opacity": 0.75 },
      },
      before,
    );
    map.addLayer(
      {
        id: "route-approximate",
        type: "line",
        source: SOURCE,
        filter: ["get", "approximate"],
        layout: { "line-join": "round" },
        paint: { "line-color": colours.planned, "line-width": width, "line-opacity": 0.8, "line-dasharray": [2, 1.6] },
      },
      before,
    );
    this.update(this.route);
  }

  update(route: RouteView | null): void {
    this.route = route;
    if (this.map) {
      setData(this.map, SOURCE, route ? features([routeFeature(route)]) : EMPTY);
    }
  }

  remove(): void {
    if (this.map) {
      removeLayers(this.map, LAYERS, [SOURCE]);
      this.map = null;
    }
  }
}

function routeFeature(route: RouteView): GeoJSON.Feature {
  return {
    type: "Feature",
    geometry: { type: "LineString", coordinates: decodePolyline(route.line).map(([lat, lon]) => [lon, lat]) },
    properties: { approximate: route.approximate },
  };
}
