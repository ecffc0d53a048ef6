import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Language } from "../time";
import { lines } from "./lines";
import { type BasemapTheme, groundColours } from "./palette";
import { protomapsLayers } from "./protomaps";
import { symbols } from "./symbols";

/** The map that needs no internet, made by web/basemap/make_basemap.py. */
const EMBEDDED_TILES = "/basemap/region.pmtiles";
const ATTRIBUTION = "© OpenStreetMap, GeoNames, Natural Earth";

/**
 * The style of the embedded basemap: ground, water, borders, roads, names in one language.
 *
 * `operatorTiles` is the address of an operator's own PMTiles file with Protomaps' layers, drawn instead. There is no
 * address of fonts: MapLibre draws letters with the page's own, so Cyrillic and Chinese names need no download.
 */
export function embeddedStyle(language: Language, theme: BasemapTheme, operatorTiles?: string): StyleSpecification {
  const colours = groundColours(theme);
  const layers: LayerSpecification[] = [
    { id: "ground", type: "background", paint: { "background-color": colours.land } },
    ...(operatorTiles ? protomapsLayers(language, colours) : [...lines(colours), ...symbols(language, colours)]),
  ];
  return {
    version: 8,
    name: "Reis",
    sources: {
      ground: {
        type: "vector",
        url: `pmtiles://${absolute(operatorTiles ?? EMBEDDED_TILES)}`,
        attribution: ATTRIBUTION,
      },
    },
    layers,
  };
}

/** The tile reader asks from a worker too, where a path alone has no page to belong to. */
function absolute(address: string): string {
  return new URL(address, globalThis.location?.href ?? "http://localhost/").href;
}
