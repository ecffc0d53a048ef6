import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { Language } from "../time";
import { REGULAR, SEMIBOLD } from "./fonts";
import type { GroundColours } from "./palette";

const SOURCE = "ground";
/** Names from the least to the most important: what is drawn last is placed first. */
export function symbols(language: Language, colours: GroundColours): LayerSpecification[] {
  const name: ExpressionSpecification = ["get", `name_${language}`];
  return [
    passes(name, colours),
    posts(name, colours),
    waters(name, colours),
    ...towns(name, colours),
    countries(name, colours),
  ];
}

function passes(name: ExpressionSpecification, colours: GroundColours): LayerSpecification {
  return {
    id: "pass",
    type: "symbol",
    source: SOURCE,
    "source-layer": "post",
    minzoom: 8,
    filter: ["==", ["get", "kind"], "pass"],
    layout: {
      "text-field": ["concat", "▲ ", name, "\n", ["to-string", ["get", "height_m"]]],
      "text-font": REGULAR,
      "text-size": 11,
      "text-max-width": 14,
    },
    paint: { "text-color": colours.town, "text-halo-color": colours.halo, "text-halo-width": 1.2 },
  };
}

function posts(name: ExpressionSpecification, colours: GroundColours): LayerSpecification {
  return {
    id: "post",
    type: "symbol",
    source: SOURCE,
    "source-layer": "post",
    minzoom: 7,
    filter: ["!=", ["get", "kind"], "pass"],
    layout: {
      "text-field": ["concat", "◆ ", name],
      "text-font": REGULAR,
      "text-size": ["interpolate", ["linear"], ["zoom"], 7, 10.5, 12, 12.5],
      "text-max-width": 8,
      "text-padding": 4,
    },
    paint: { "text-color": colours.post, "text-halo-color": colours.halo, "text-halo-width": 1.3 },
  };
}

function waters(name: ExpressionSpecification, colours: GroundColours): LayerSpecification {
  return {
    id: "water-name",
    type: "symbol",
    source: SOURCE,
    "source-layer": "water_name",
    minzoom: 4,
    layout: {
      "text-field": name,
      "text-font": REGULAR,
      "text-size": ["interpolate", ["linear"], ["zoom"], 4, 10.5, 10, 13],
      "text-letter-spacing": 0.06,
      "text-max-width": 7,
    },
    paint: { "text-color": colours.waterLabel, "text-halo-color": colours.water, "text-halo-width": 1 },
  };
}

function towns(name: ExpressionSpecification, colours: GroundColours): LayerSpecification[] {
  const isCity: ExpressionSpecification = ["<", ["get", "from"], 5];
  return [
    {
      id: "town",
      type: "symbol",
      source: SOURCE,
      "source-layer": "place",
      minzoom: 5,
      filter: ["all", ["!", isCity], ["<=", ["get", "from"], ["zoom"]]],
      layout: {
        "text-field": name,
        "text-font": REGULAR,
        "text-size": ["interpolate", ["linear"], ["zoom"], 5, 10.5, 9, 12, 13, 14],
        "text-max-width": 8,
        "text-padding": 3,
        "symbol-sort-key": ["get", "from"],
      },
      paint: { "text-color": colours.town, "text-halo-color": colours.halo, "text-halo-width": 1.4 },
    },
    {
      id: "city",
      type: "symbol",
      source: SOURCE,
      "source-layer": "place",
      minzoom: 3.5,
      filter: ["all", isCity, ["<=", ["get", "from"], ["zoom"]]],
      layout: {
        "text-field": name,
        "text-font": SEMIBOLD,
        "text-size": ["interpolate", ["linear"], ["zoom"], 4, 11, 7, 13.5, 12, 18],
        "text-max-width": 8,
        "text-padding": 3,
        "symbol-sort-key": ["get", "from"],
      },
      paint: { "text-color": colours.city, "text-halo-color": colours.halo, "text-halo-width": 1.6 },
    },
  ];
}

function countries(name: ExpressionSpecification, colours: GroundColours): LayerSpecification {
  return {
    id: "country-name",
    type: "symbol",
    source: SOURCE,
    "source-layer": "country_name",
    maxzoom: 7,
    filter: ["<=", ["get", "from"], ["zoom"]],
    layout: {
      "text-field": name,
      "text-font": SEMIBOLD,
      "text-transform": "uppercase",
      "text-letter-spacing": 0.16,
      "text-size": ["interpolate", ["linear"], ["zoom"], 3, 10.5, 6, 14],
      "text-max-width": 9,
    },
    paint: {
      "text-color": colours.country,
      "text-halo-color": colours.halo,
      "text-halo-width": 1.4,
      "text-opacity": 0.9,
    },
  };
}
