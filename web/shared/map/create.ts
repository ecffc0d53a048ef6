import {
  addProtocol,
  type LngLatBoundsLike,
  Map as MapLibre,
  type StyleSpecification,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { Protocol } from "pmtiles";
import "maplibre-gl/dist/maplibre-gl.css";

setWorkerUrl(workerUrl);
addProtocol("pmtiles", new Protocol().tile);

/** Where freight of the region runs, shown until there is something to show. */
export const REGION: LngLatBoundsLike = [
  [62, 36.5],
  [88, 48],
];

export interface MapWords {
  zoomIn: string;
  zoomOut: string;
  north: string;
  map: string;
}

/** A map in a container: no pitch, rotation only by two fingers, its controls named in the page's language. */
export function createMap(container: HTMLElement, style: string | StyleSpecification, words: MapWords): MapLibre {
  const map = new MapLibre({
    container,
    style,
    bounds: REGION,
    fitBoundsOptions: { padding: 24 },
    minZoom: 2,
    maxZoom: 18,
    maxPitch: 0,
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: { compact: true },
    fadeDuration: 120,
    locale: {
      "NavigationControl.ZoomIn": words.zoomIn,
      "NavigationControl.ZoomOut": words.zoomOut,
      "NavigationControl.ResetBearing": words.north,
      "Map.Title": words.map,
    },
  });
  map.touchZoomRotate.disableRotation();
  return map;
}
