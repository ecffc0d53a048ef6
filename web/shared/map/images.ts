import type { Map as MapLibre } from "maplibre-gl";
import type { Palette, Stage } from "./palette";

const RATIO = 2;
const FONT = '"Inter Variable", "Segoe UI", Roboto, "Noto Sans", sans-serif';

type Paint = (pen: CanvasRenderingContext2D) => void;

/** Draws a picture and hands it to the map under a name; one that is there already stays. */
function addImage(map: MapLibre, name: string, width: number, height: number, paint: Paint): void {
  if (map.hasImage(name)) {
    return;
  }
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * RATIO);
  canvas.height = Math.ceil(height * RATIO);
  const pen = canvas.getContext("2d");
  if (pen) {
    pen.scale(RATIO, RATIO);
    paint(pen);
    map.addImage(name, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: RATIO });
  }
}

/** A truck seen from above as an arrow head on a disc, pointing north; `still` trucks have no arrow. */
export function addTruckImages(map: MapLibre, colours: Palette): void {
  const states: [string, string][] = [...Object.entries(colours.stage), ["stale", colours.stale]];
  for (const [state, colour] of states) {
    addImage(map, `truck-${state}`, 30, 30, (pen) => {
      disc(pen, 15, 11.5, colours.casing, colour);
      arrow(pen, colours.casing);
    });
    addImage(map, `still-${state}`, 30, 30, (pen) => {
      disc(pen, 15, 11.5, colours.casing, colour);
      pen.fillStyle = colours.casing;
      pen.beginPath();
      pen.arc(15, 15, 4, 0, Math.PI * 2);
      pen.fill();
    });
  }
}

function disc(pen: CanvasRenderingContext2D, centre: number, radius: number, casing: string, fill: string): void {
  pen.shadowColor = "rgba(10, 20, 30, 0.35)";
  pen.shadowBlur = 3;
  pen.shadowOffsetY = 1;
  pen.fillStyle = casing;
  pen.beginPath();
  pen.arc(centre, centre, radius + 2, 0, Math.PI * 2);
  pen.fill();
  pen.shadowColor = "transparent";
  pen.fillStyle = fill;
  pen.beginPath();
  pen.arc(centre, centre, radius, 0, Math.PI * 2);
  pen.fill();
}

function arrow(pen: CanvasRenderingContext2D, colour: string): void {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(15, 7);
  pen.lineTo(21, 21);
  pen.lineTo(15, 17.6);
  pen.lineTo(9, 21);
  pen.closePath();
  pen.fill();
}

/** A label with a plate number, drawn with the page's own fonts, so that it needs no glyph server. */
export function addPlateImage(map: MapLibre, text: string, colours: Palette, isSelected: boolean): string {
  const name = `plate-${isSelected ? "on" : "off"}-${colours.plate}-${text}`;
  if (map.hasImage(name) || !text) {
    return name;
  }
  const font = `600 11px ${FONT}`;
  const width = textWidth(text, font) + 12;
  addImage(map, name, width, 20, (pen) => {
    pen.fillStyle = isSelected ? colours.plateInk : colours.plate;
    pen.strokeStyle = isSelected ? colours.plateInk : colours.plateLine;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.roundRect(0.5, 1.5, width - 1, 17, 5);
    pen.fill();
    pen.stroke();
    pen.fillStyle = isSelected ? colours.plate : colours.plateInk;
    pen.font = font;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(text, width / 2, 10.5);
  });
  return name;
}

/** A numbered stop: a filled pin for one that was left, a ring for one ahead. */
export function addStopImage(map: MapLibre, label: string, colour: string, colours: Palette, isDone: boolean): string {
  const name = `stop-${label}-${colour}-${isDone ? "done" : "ahead"}`;
  addImage(map, name, 26, 26, (pen) => {
    disc(pen, 13, 9.5, colours.casing, isDone ? colours.stale : colour);
    pen.fillStyle = colours.casing;
    pen.font = `700 11.5px ${FONT}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(label, 13, 13.5);
  });
  return name;
}

/** How many trucks stand too close together to draw apart. */
export function addClusterImage(map: MapLibre, count: number, colours: Palette, name: string): void {
  const label = count > 99 ? "99+" : String(count);
  addImage(map, name, 38, 38, (pen) => {
    disc(pen, 19, 13, colours.plateInk, colours.plate);
    pen.fillStyle = colours.plateInk;
    pen.font = `700 13px ${FONT}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(label, 19, 19.5);
  });
}

function textWidth(text: string, font: string): number {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) {
    return text.length * 7;
  }
  pen.font = font;
  return Math.ceil(pen.measureText(text).width);
}

export const truckImage = (stage: Stage, isStale: boolean, isMoving: boolean): string =>
  `${isMoving ? "truck" : "still"}-${isStale ? "stale" : stage}`;
