import type { Map as MapLibre } from "maplibre-gl";
import type { TrackPoint } from "../../track";
import type { Theme } from "../basemap";
import { addSource, EMPTY, features, removeLayers, setData } from "../layer";
import { palette } from "../palette";

const SOURCE = "path";
const LAYERS = ["path-casing", "path-line", "path-gap"];

/** The travelled path; a dashed line joins what lies before and after a gap, because nobody measured it. */
export class PathLayer {
  private map: MapLibre | null = null;
  private segments: TrackPoint[][] = [];

  add(map: MapLibre, theme: Theme, before?: string): void {
    this.map = map;
    const colours = palette(theme);
    addSource(map, SOURCE);
    const round = { "line-cap": "round", "line-join": "round" } as const;
    map.addLayer(
      {
        id: "path-casing",
        type: "line",
        source: SOURCE,
        filter: ["!", ["get", "gap"]],
        layout: round,
        paint: { "line-color": colours.casing, "line-width": ["interpolate", ["linear"], ["zoom"], 4, 5, 12, 9] },
      },
      before,
    );
    map.addLayer(
      {
        id: "path-line",
        type: "line",
        source: SOURCE,
        filter: ["!", ["get", "gap"]],
        layout: round,
        paint: { "line-color": colours.travelled, "line-width": ["interpolate", ["linear"], ["zoom"], 4, 3, 12, 5.5] },
      },
      before,
    );
    map.addLayer(
      {
        id: "path-gap",
        type: "line",
        source: SOURCE,
        filter: ["get", "gap"],
        paint: { "line-color": colours.travelled, "line-width": 2, "line-dasharray": [1, 2], "line-opacity": 0.7 },
      },
      before,
    );
    this.update(this.segments);
  }

  update(segments: TrackPoint[][]): void {
    this.segments = segments;
    if (this.map) {
      setData(this.map, SOURCE, segments.length ? features(pathFeatures(segments)) : EMPTY);
    }
  }

  remove(): void {
    if (this.map) {
      removeLayers(this.map, LAYERS, [SOURCE]);
      this.map = null;
    }
  }
}

function pathFeatures(segments: TrackPoint[][]): GeoJSON.Feature[] {
  const lines: GeoJSON.Feature[] = [];
  let last: TrackPoint | undefined;
  for (const segment of segments) {
    const first = segment[0];
    if (last && first) {
      lines.push(line([last, first], true));
    }
    if (segment.length > 1) {
      lines.push(line(segment, false));
    }
    last = segment.at(-1);
  }
  return lines;
}

function line(points: TrackPoint[], gap: boolean): GeoJSON.Feature {
  return {
    type: "Feature",
    geometry: { type: "LineString", coordinates: points.map((point) => [point.lon, point.lat]) },
    properties: { gap },
  };
}
