import type { Basemap, MapLanguage, NamedPlace } from "./basemap";
import type { Colours } from "./colours";
import { toScreen, type View } from "./mercator";

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** What is taken on the canvas; whoever comes first keeps his place. */
export class Room {
  private readonly taken: Box[] = [];

  /** Takes a box, if nothing stands there yet. */
  take(box: Box): boolean {
    const free = this.taken.every(
      (other) => box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom,
    );
    if (free) {
      this.taken.push(box);
    }
    return free;
  }

  /** Takes a box whatever stands there: trucks and stops are always drawn. */
  occupy(box: Box): void {
    this.taken.push(box);
  }
}

export const FONT = '"Inter", system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const widths = new Map<string, number>();

/** A text's width in CSS pixels, measured once. */
export function textWidth(context: CanvasRenderingContext2D, font: string, text: string): number {
  const key = `${font}\n${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    context.font = font;
    width = context.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}

/** From which zoom a place of each rank (1…4) is named. */
const FIRST_ZOOM = [0, 3, 4.6, 6, 7.4];

const SIZE_PX = [0, 14, 12.5, 12, 11.5];

function drawPlace(
  context: CanvasRenderingContext2D,
  view: View,
  place: NamedPlace,
  language: MapLanguage,
  colours: Colours,
  room: Room,
): void {
  if (view.zoom < (FIRST_ZOOM[place.rank] ?? 9)) {
    return;
  }
  const { x, y } = toScreen(view, place.point);
  if (x < -80 || y < -20 || x > view.width + 80 || y > view.height + 20) {
    return;
  }
  const size = SIZE_PX[place.rank] ?? 11;
  const font = `${place.rank === 1 ? 600 : 500} ${size}px ${FONT}`;
  const name = place.names[language];
  const width = textWidth(context, font, name);
  for (const side of [1, -1]) {
    const left = side === 1 ? x + 6 : x - 6 - width;
    if (room.take({ left: left - 2, top: y - size * 0.65, right: left + width + 2, bottom: y + size * 0.65 })) {
      context.fillStyle = colours.city;
      context.beginPath();
      context.arc(x, y, place.rank === 1 ? 3.2 : 2.4, 0, 2 * Math.PI);
      context.fill();
      write(context, name, left, y + size * 0.34, font, colours.cityText, colours.halo);
      return;
    }
  }
}

/** Text with a halo, so that it reads over roads and borders. */
export function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  font: string,
  colour: string,
  halo: string,
): void {
  context.font = font;
  context.lineJoin = "round";
  context.strokeStyle = halo;
  context.lineWidth = 3.5;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** Names of cities and countries where there is room, the greatest first; not those in `said`, which stops carry. */
export function drawLabels(
  context: CanvasRenderingContext2D,
  view: View,
  basemap: Basemap,
  language: MapLanguage,
  colours: Colours,
  room: Room,
  said: ReadonlySet<string>,
): void {
  for (const place of basemap.places.filter(({ names }) => !said.has(names.ru) && !said.has(names[language]))) {
    drawPlace(context, view, place, language, colours, room);
  }
  if (view.zoom > 7.5) {
    return;
  }
  const font = `600 11px ${FONT}`;
  for (const country of basemap.countries) {
    const { x, y } = toScreen(view, country.point);
    const name = country.names[language].toUpperCase().split("").join("\u200a");
    const half = textWidth(context, font, name) / 2;
    if (room.take({ left: x - half - 4, top: y - 8, right: x + half + 4, bottom: y + 8 })) {
      write(context, name, x - half, y + 4, font, colours.countryText, colours.halo);
    }
  }
}
