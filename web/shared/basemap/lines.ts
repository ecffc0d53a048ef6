import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { GroundColours } from "./palette";

const SOURCE = "ground";

/** A width in pixels that grows with the zoom; pairs of zoom and width. */
function growing(...stops: number[]): ExpressionSpecification {
  return ["interpolate", ["exponential", 1.4], ["zoom"], ...stops] as ExpressionSpecification;
}

/**
 * A soft patch where a town is, about as large as its people need: 8 m of radius for the root of their number. The
 * tiles have no streets, and without it a city would be a name in a field.
 */
function builtUp(colours: GroundColours): LayerSpecification {
  const pixels = (zoom: number): ExpressionSpecification => [
    "*",
    ["sqrt", ["max", 400, ["get", "population"]]],
    (8 * 2 ** zoom) / 58_000,
  ];
  return {
    id: "built-up",
    type: "circle",
    source: SOURCE,
    "source-layer": "place",
    minzoom: 6,
    paint: {
      "circle-color": colours.builtUp,
      "circle-radius": ["interpolate", ["exponential", 2], ["zoom"], 6, pixels(6), 16, pixels(16)],
      "circle-blur": 0.45,
      "circle-pitch-alignment": "map",
    },
  };
}

/** Water, borders and roads, from the ground upwards. */
export function lines(colours: GroundColours): LayerSpecification[] {
  return [
    builtUp(colours),
    { id: "ocean", type: "fill", source: SOURCE, "source-layer": "ocean", paint: { "fill-color": colours.water } },
    {
      id: "river",
      type: "line",
      source: SOURCE,
      "source-layer": "river",
      minzoom: 4,
      paint: { "line-color": colours.waterLine, "line-width": growing(4, 0.4, 8, 1.2, 13, 2.6) },
    },
    {
      id: "lake",
      type: "fill",
      source: SOURCE,
      "source-layer": "lake",
      paint: { "fill-color": colours.water, "fill-outline-color": colours.waterLine },
    },
    {
      id: "province",
      type: "line",
      source: SOURCE,
      "source-layer": "province",
      minzoom: 5,
      // Nearer, a city's own limits would look like a wall around it.
      maxzoom: 9.5,
      layout: { "line-join": "round" },
      paint: { "line-color": colours.province, "line-width": growing(5, 0.6, 10, 1.4), "line-dasharray": [4, 2] },
    },
    ...roads(colours),
    {
      id: "border-halo",
      type: "line",
      source: SOURCE,
      "source-layer": "border",
      filter: ["==", ["get", "disputed"], 0],
      layout: { "line-join": "round" },
      paint: { "line-color": colours.borderHalo, "line-width": growing(3, 2, 8, 7), "line-opacity": 0.7 },
    },
    {
      id: "border",
      type: "line",
      source: SOURCE,
      "source-layer": "border",
      filter: ["==", ["get", "disputed"], 0],
      layout: { "line-join": "round" },
      paint: { "line-color": colours.border, "line-width": growing(3, 0.7, 8, 1.5, 13, 2.2) },
    },
    {
      id: "border-disputed",
      type: "line",
      source: SOURCE,
      "source-layer": "border",
      filter: ["==", ["get", "disputed"], 1],
      layout: { "line-join": "round" },
      paint: {
        "line-color": colours.border,
        "line-width": growing(3, 0.6, 8, 1.2),
        "line-dasharray": [3, 3],
        "line-opacity": 0.8,
      },
    },
  ];
}

function roads(colours: GroundColours): LayerSpecification[] {
  const road = (id: string, rank: number, minzoom: number, colour: string, width: ExpressionSpecification) =>
    ({
      id,
      type: "line",
      source: SOURCE,
      "source-layer": "road",
      minzoom,
      filter: ["==", ["get", "rank"], rank],
      layout: { "line-join": "round", "line-cap": "round" },
      paint: { "line-color": colour, "line-width": width },
    }) satisfies LayerSpecification;
  return [
    road("road-minor", 3, 6.5, colours.roadMinor, growing(6, 0.5, 10, 1.2, 14, 2.4)),
    road("road-other", 2, 5, colours.roadOther, growing(5, 0.6, 9, 1.6, 14, 3.5)),
    road("road-main-casing", 1, 3.5, colours.roadMainCasing, growing(3, 0.7, 6, 1.8, 9, 4, 14, 8)),
    road("road-main", 1, 6, colours.roadMain, growing(6, 0.7, 9, 2.2, 14, 5.5)),
  ];
}
