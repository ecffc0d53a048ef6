import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from "maplibre-gl";
import type { Language } from "../time";
import { REGULAR, SEMIBOLD } from "./fonts";
import type { GroundColours } from "./palette";

const SOURCE = "ground";

/**
 * The layers of an operator's own file in Protomaps' schema (version 4, https://docs.protomaps.com/basemaps/layers),
 * in the hub's colours: with streets and buildings, where the file has them.
 */
export function protomapsLayers(language: Language, colours: GroundColours): LayerSpecification[] {
  return [...areas(colours), ...streets(colours), ...limits(colours), ...names(language, colours)];
}

const kinds = (...wanted: string[]): FilterSpecification => ["in", ["get", "kind"], ["literal", wanted]];

function growing(...stops: number[]): ExpressionSpecification {
  return ["interpolate", ["exponential", 1.5], ["zoom"], ...stops] as ExpressionSpecification;
}

function areas(colours: GroundColours): LayerSpecification[] {
  return [
    {
      id: "built-up",
      type: "fill",
      source: SOURCE,
      "source-layer": "landuse",
      filter: kinds("urban_area", "residential", "industrial", "commercial", "airfield", "aerodrome"),
      paint: { "fill-color": colours.builtUp, "fill-opacity": 0.7 },
    },
    {
      id: "water",
      type: "fill",
      source: SOURCE,
      "source-layer": "water",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colours.water },
    },
    {
      id: "river",
      type: "line",
      source: SOURCE,
      "source-layer": "water",
      minzoom: 5,
      filter: kinds("river", "canal", "stream"),
      paint: { "line-color": colours.waterLine, "line-width": growing(5, 0.4, 12, 2, 18, 6) },
    },
    {
      id: "building",
      type: "fill",
      source: SOURCE,
      "source-layer": "buildings",
      minzoom: 13,
      filter: kinds("building", "building_part"),
      paint: { "fill-color": colours.builtUp, "fill-outline-color": colours.roadOther },
    },
  ];
}

function streets(colours: GroundColours): LayerSpecification[] {
  const road = (
    id: string,
    minzoom: number,
    filter: FilterSpecification,
    colour: string,
    width: ExpressionSpecification,
  ): LayerSpecification => ({
    id,
    type: "line",
    source: SOURCE,
    "source-layer": "roads",
    minzoom,
    filter,
    layout: { "line-join": "round", "line-cap": "round" },
    paint: { "line-color": colour, "line-width": width },
  });
  const highway = kinds("highway");
  const major = kinds("major_road");
  return [
    road("road-rail", 9, kinds("rail"), colours.roadMinor, growing(9, 0.5, 16, 1.5)),
    road("road-path", 14, kinds("path"), colours.roadMinor, growing(14, 0.6, 18, 2)),
    road("road-minor", 11, kinds("minor_road"), colours.roadMinor, growing(11, 0.6, 14, 2, 18, 11)),
    road("road-major-casing", 8, major, colours.roadOther, growing(8, 1, 12, 3.4, 18, 18)),
    road("road-major", 8, major, colours.roadMain, growing(8, 0.3, 12, 2, 18, 15)),
    road("road-highway-casing", 4, highway, colours.roadMainCasing, growing(4, 0.8, 8, 2.6, 12, 5, 18, 24)),
    road("road-highway", 6, highway, colours.roadMain, growing(6, 0.5, 8, 1.3, 12, 3.2, 18, 20)),
  ];
}

function limits(colours: GroundColours): LayerSpecification[] {
  const disputed: ExpressionSpecification = ["==", ["get", "disputed"], true];
  return [
    {
      id: "province",
      type: "line",
      source: SOURCE,
      "source-layer": "boundaries",
      minzoom: 5,
      filter: kinds("region"),
      paint: { "line-color": colours.province, "line-width": growing(5, 0.6, 10, 1.4), "line-dasharray": [4, 2] },
    },
    {
      id: "border",
      type: "line",
      source: SOURCE,
      "source-layer": "boundaries",
      filter: ["all", kinds("country") as ExpressionSpecification, ["!", disputed]],
      paint: { "line-color": colours.border, "line-width": growing(3, 0.7, 8, 1.5, 13, 2.2) },
    },
    {
      id: "border-disputed",
      type: "line",
      source: SOURCE,
      "source-layer": "boundaries",
      filter: ["all", kinds("country") as ExpressionSpecification, disputed],
      paint: { "line-color": colours.border, "line-width": growing(3, 0.6, 8, 1.2), "line-dasharray": [3, 3] },
    },
  ];
}

/** A name in the language asked for, else in Russian where Kyrgyz is missing, else as it is written on the spot. */
function named(language: Language): ExpressionSpecification {
  return language === "ky"
    ? ["coalesce", ["get", "name:ky"], ["get", "name:ru"], ["get", "name"]]
    : ["coalesce", ["get", `name:${language}`], ["get", "name"]];
}

function names(language: Language, colours: GroundColours): LayerSpecification[] {
  const name = named(language);
  const halo = { "text-halo-color": colours.halo, "text-halo-width": 1.4 };
  return [
    {
      id: "street-name",
      type: "symbol",
      source: SOURCE,
      "source-layer": "roads",
      minzoom: 14,
      filter: kinds("highway", "major_road", "minor_road"),
      layout: { "symbol-placement": "line", "text-field": name, "text-font": REGULAR, "text-size": 11 },
      paint: { "text-color": colours.town, ...halo },
    },
    {
      id: "water-name",
      type: "symbol",
      source: SOURCE,
      "source-layer": "water",
      filter: ["==", ["geometry-type"], "Point"],
      layout: { "text-field": name, "text-font": REGULAR, "text-size": 11.5, "text-max-width": 7 },
      paint: { "text-color": colours.waterLabel, "text-halo-color": colours.water, "text-halo-width": 1 },
    },
    {
      id: "town",
      type: "symbol",
      source: SOURCE,
      "source-layer": "places",
      filter: kinds("locality", "neighbourhood"),
      layout: {
        "text-field": name,
        "text-font": ["step", ["zoom"], ["literal", SEMIBOLD], 9, ["literal", REGULAR]],
        "text-size": [
          "interpolate",
          ["linear"],
          ["zoom"],
          4,
          10.5,
          12,
          ["interpolate", ["linear"], ["coalesce", ["get", "population_rank"], 0], 4, 12, 12, 18],
        ],
        "text-max-width": 8,
        "symbol-sort-key": ["-", 20, ["coalesce", ["get", "population_rank"], 0]],
      },
      paint: { "text-color": colours.city, ...halo },
    },
    {
      id: "country-name",
      type: "symbol",
      source: SOURCE,
      "source-layer": "places",
      maxzoom: 7,
      filter: kinds("country"),
      layout: {
        "text-field": name,
        "text-font": SEMIBOLD,
        "text-transform": "uppercase",
        "text-letter-spacing": 0.16,
        "text-size": ["interpolate", ["linear"], ["zoom"], 3, 10.5, 6, 14],
      },
      paint: { "text-color": colours.country, ...halo },
    },
  ];
}
