import type { Map as MapLibre } from "maplibre-gl";
import type { StopView } from "../../wire";
import type { Theme } from "../basemap";
import { addStopImage } from "../images";
import { addSource, features, removeLayers, setData } from "../layer";
import { type Palette, palette } from "../palette";

const SOURCE = "stops";
const LAYERS = ["stop-pins"];

type StopMark = Pick<StopView, "position" | "kind" | "lat" | "lon" | "departed_at">;

/** The stops of the chosen trip, numbered in their order. */
export class StopLayer {
  private map: MapLibre | null = null;
  private stops: StopMark[] = [];
  private colours: Palette = palette("light");

  add(map: MapLibre, theme: Theme, before?: string): void {
    this.map = map;
    this.colours = palette(theme);
    addSource(map, SOURCE);
    map.addLayer(
      {
        id: "stop-pins",
        type: "symbol",
        source: SOURCE,
        layout: { "icon-image": ["get", "icon"], "icon-allow-overlap": true },
      },
      before,
    );
    this.update(this.stops);
  }

  update(stops: StopMark[]): void {
    this.stops = stops;
    const map = this.map;
    if (map) {
      setData(map, SOURCE, features(stops.map((stop, index) => this.feature(map, stop, index))));
    }
  }

  remove(): void {
    if (this.map) {
      removeLayers(this.map, LAYERS, [SOURCE]);
      this.map = null;
    }
  }

  private feature(map: MapLibre, stop: StopMark, index: number): GeoJSON.Feature {
    const colour = stop.kind === "loading" ? this.colours.stage.at_loading : this.colours.stage.at_unloading;
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates: [stop.lon, stop.lat] },
      properties: { icon: addStopImage(map, String(index + 1), colour, this.colours, stop.departed_at !== null) },
    };
  }
}
