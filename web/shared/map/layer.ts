import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";

export const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export const features = (list: GeoJSON.Feature[]): GeoJSON.FeatureCollection => ({
  type: "FeatureCollection",
  features: list,
});

/** Adds an empty GeoJSON source unless the style has it already. */
export function addSource(map: MapLibre, id: string, options: { cluster?: boolean } = {}): void {
  if (!map.getSource(id)) {
    map.addSource(id, {
      type: "geojson",
      data: EMPTY,
      ...(options.cluster ? { cluster: true, clusterRadius: 26, clusterMaxZoom: 8 } : {}),
    });
  }
}

/** Replaces a source's data; a source that a style change took away is no error, it comes back with its layer. */
export function setData(map: MapLibre, id: string, data: GeoJSON.FeatureCollection): void {
  (map.getSource(id) as GeoJSONSource | undefined)?.setData(data);
}

export function removeLayers(map: MapLibre, layers: string[], sources: string[]): void {
  for (const layer of layers) {
    if (map.getLayer(layer)) {
      map.removeLayer(layer);
    }
  }
  for (const source of sources) {
    if (map.getSource(source)) {
      map.removeSource(source);
    }
  }
}
