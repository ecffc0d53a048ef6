import type { Map as MapLibre } from "maplibre-gl";
import type { Theme } from "../basemap";
import { type Fence, outline } from "../geometry";
import { addSource, features, removeLayers, setData } from "../layer";
import { palette } from "../palette";

const SOURCE = "fences";
const LAYERS = ["fence-area", "fence-edge"];

/** The fences of the chosen trip's stops. */
export class FenceLayer {
  private map: MapLibre | null = null;
  private fences: Fence[] = [];

  add(map: MapLibre, theme: Theme, before?: string): void {
    this.map = map;
    const colours = palette(theme);
    addSource(map, SOURCE);
    map.addLayer(
      { id: "fence-area", type: "fill", source: SOURCE, paint: { "fill-color": colours.fence, "fill-opacity": 0.14 } },
      before,
    );
    map.addLayer(
      { id: "fence-edge", type: "line", source: SOURCE, paint: { "line-color": colours.fence, "line-width": 1.5 } },
      before,
    );
    this.update(this.fences);
  }

  update(fences: Fence[]): void {
    this.fences = fences;
    if (this.map) {
      setData(this.map, SOURCE, features(fences.map(fenceFeature)));
    }
  }

  remove(): void {
    if (this.map) {
      removeLayers(this.map, LAYERS, [SOURCE]);
      this.map = null;
    }
  }
}

export const fenceFeature = (fence: Fence): GeoJSON.Feature => ({
  type: "Feature",
  geometry: { type: "Polygon", coordinates: [outline(fence)] },
  properties: {},
});
