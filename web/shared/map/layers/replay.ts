import type { Map as MapLibre } from "maplibre-gl";
import type { Theme } from "../basemap";
import { addPlateImage, addTruckImages, truckImage } from "../images";
import { addSource, EMPTY, features, removeLayers, setData } from "../layer";
import { type Palette, palette } from "../palette";

const SOURCE = "replay";
const LAYERS = ["replay-halo", "replay-plate", "replay-truck"];

/** Where the truck of a replay was at the moment shown. */
export interface ReplayMark {
  lon: number;
  lat: number;
  bearingDeg: number;
  isMoving: boolean;
  plate: string;
}

/** The truck of a replay. */
export class ReplayLayer {
  private map: MapLibre | null = null;
  private mark: ReplayMark | null = null;
  private colours: Palette = palette("light");

  add(map: MapLibre, theme: Theme): void {
    this.map = map;
    this.colours = palette(theme);
    addTruckImages(map, this.colours);
    addSource(map, SOURCE);
    map.addLayer({
      id: "replay-halo",
      type: "circle",
      source: SOURCE,
      paint: { "circle-radius": 24, "circle-color": this.colours.stage.in_transit, "circle-opacity": 0.22 },
    });
    map.addLayer({
      id: "replay-plate",
      type: "symbol",
      source: SOURCE,
      layout: { "icon-image": ["get", "plate"], "icon-offset": [0, 30], "icon-allow-overlap": true },
    });
    map.addLayer({
      id: "replay-truck",
      type: "symbol",
      source: SOURCE,
      layout: {
        "icon-image": ["get", "icon"],
        "icon-size": 1.2,
        "icon-rotate": ["get", "bearing"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    });
    this.update(this.mark);
  }

  update(mark: ReplayMark | null): void {
    this.mark = mark;
    if (this.map) {
      setData(this.map, SOURCE, mark ? features([this.feature(this.map, mark)]) : EMPTY);
    }
  }

  remove(): void {
    if (this.map) {
      removeLayers(this.map, LAYERS, [SOURCE]);
      this.map = null;
    }
  }

  private feature(map: MapLibre, mark: ReplayMark): GeoJSON.Feature {
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates: [mark.lon, mark.lat] },
      properties: {
        icon: truckImage("in_transit", false, mark.isMoving),
        bearing: mark.isMoving ? mark.bearingDeg : 0,
        plate: addPlateImage(map, mark.plate, this.colours, true),
      },
    };
  }
}
