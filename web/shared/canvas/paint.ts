import type { Circle, Polygon } from "../wire";
import type { Colours } from "./colours";
import type { Stance } from "./glide";
import { FONT, type Room, textWidth, write } from "./labels";
import { pixelsPerMetre, type ScreenPoint, toScreen, toWorld, type View } from "./mercator";
import type { Scene } from "./scene";

/** How the truck is drawn. `stale`: nothing was heard of it for long. */
export interface TruckLook {
  stale: boolean;
  accuracy_m: number | null;
}

const STOP_RADIUS_PX = 12;
const TRUCK_RADIUS_PX = 15;

/** The planned route and the travelled path, in world units around the basemap's origin. */
export function drawLines(context: CanvasRenderingContext2D, scene: Scene, colours: Colours, pixel: number): void {
  const stroke = (path: Path2D, colour: string, width: number, dash: number[] = []) => {
    context.strokeStyle = colour;
    context.lineWidth = width * pixel;
    context.setLineDash(dash.map((length) => length * pixel));
    context.stroke(path);
  };
  context.lineJoin = "round";
  context.lineCap = "round";
  if (scene.route) {
    stroke(scene.route, colours.travelledCasing, 5.5);
    stroke(scene.route, colours.planned, 3);
  }
  stroke(scene.gaps, colours.gap, 2.5, [2, 7]);
  stroke(scene.track, colours.travelledCasing, 6.5);
  stroke(scene.track, colours.travelled, 4);
  context.setLineDash([]);
}

function circle(context: CanvasRenderingContext2D, { x, y }: ScreenPoint, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

function trace(context: CanvasRenderingContext2D, view: View, fence: Circle | Polygon): void {
  if (fence.type === "circle") {
    circle(context, toScreen(view, toWorld(fence)), fence.radius_m * pixelsPerMetre(view));
    return;
  }
  context.beginPath();
  for (const [lon, lat] of fence.points) {
    const { x, y } = toScreen(view, toWorld({ lat, lon }));
    context.lineTo(x, y);
  }
  context.closePath();
}

export function drawFences(context: CanvasRenderingContext2D, scene: Scene, view: View, colours: Colours): void {
  for (const { fence } of scene.stops) {
    if (fence) {
      trace(context, view, fence);
      context.fillStyle = colours.fence;
      context.fill();
      context.strokeStyle = colours.fenceEdge;
      context.lineWidth = 1.5;
      context.stroke();
    }
  }
}

/** Numbered pins with the stops' names; a visited one carries a tick. */
export function drawStops(
  context: CanvasRenderingContext2D,
  scene: Scene,
  view: View,
  colours: Colours,
  room: Room,
): void {
  const font = `600 13px ${FONT}`;
  for (const stop of scene.stops) {
    const at = toScreen(view, stop.point);
    circle(context, at, STOP_RADIUS_PX);
    context.fillStyle = stop.done ? colours.stopDone : colours.stop;
    context.fill();
    context.strokeStyle = stop.done ? colours.travelledCasing : colours.stopText;
    context.lineWidth = 2;
    context.stroke();
    drawPinMark(context, stop.done ? null : String(stop.number), at, colours);
    room.occupy({
      left: at.x - STOP_RADIUS_PX,
      top: at.y - STOP_RADIUS_PX,
      right: at.x + STOP_RADIUS_PX,
      bottom: at.y + STOP_RADIUS_PX,
    });
    drawStopName(context, stop.name, at, font, view, colours, room);
  }
}

function drawPinMark(
  context: CanvasRenderingContext2D,
  number: string | null,
  { x, y }: ScreenPoint,
  colours: Colours,
): void {
  if (number === null) {
    context.beginPath();
    context.moveTo(x - 4.5, y + 0.5);
    context.lineTo(x - 1.2, y + 4);
    context.lineTo(x + 5, y - 3.6);
    context.strokeStyle = colours.travelledCasing;
    context.lineWidth = 2.2;
    context.stroke();
    return;
  }
  const font = `700 13px ${FONT}`;
  context.font = font;
  context.fillStyle = colours.stopText;
  context.fillText(number, x - textWidth(context, font, number) / 2, y + 4.6);
}

function drawStopName(
  context: CanvasRenderingContext2D,
  name: string,
  { x, y }: ScreenPoint,
  font: string,
  view: View,
  colours: Colours,
  room: Room,
): void {
  const width = textWidth(context, font, name);
  const beside = STOP_RADIUS_PX + 5;
  const places = [
    { left: x + beside, baseline: y + 4.5 },
    { left: x - beside - width, baseline: y + 4.5 },
    { left: x - width / 2, baseline: y + beside + 11 },
    { left: x - width / 2, baseline: y - beside - 2 },
  ];
  for (const { left, baseline } of places) {
    const onCanvas = left > 2 && left + width < view.width - 2;
    if (onCanvas && room.take({ left: left - 3, top: baseline - 13, right: left + width + 3, bottom: baseline + 4 })) {
      write(context, name, left, baseline, font, colours.stopText, colours.halo);
      return;
    }
  }
}

/** The truck: a disc with an arrow the way it drives, or a dot when it stands. */
export function drawTruck(
  context: CanvasRenderingContext2D,
  stance: Stance,
  look: TruckLook,
  view: View,
  colours: Colours,
  pulse: number | null,
): void {
  const at = toScreen(view, stance);
  const colour = look.stale ? colours.truckStale : colours.truck;
  const accuracy = (look.accuracy_m ?? 0) * pixelsPerMetre(view);
  if (accuracy > TRUCK_RADIUS_PX) {
    circle(context, at, accuracy);
    context.fillStyle = colours.accuracy;
    context.fill();
  }
  if (pulse !== null && !look.stale) {
    circle(context, at, TRUCK_RADIUS_PX + pulse * 14);
    context.globalAlpha = (1 - pulse) * 0.35;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
  }
  context.save();
  context.shadowColor = "rgba(0,0,0,.35)";
  context.shadowBlur = 6;
  context.shadowOffsetY = 1;
  circle(context, at, TRUCK_RADIUS_PX);
  context.fillStyle = colour;
  context.fill();
  context.restore();
  context.strokeStyle = colours.travelledCasing;
  context.lineWidth = 2.5;
  context.stroke();
  drawArrow(context, at, stance.bearing_deg, colours.truckText);
}

function drawArrow(
  context: CanvasRenderingContext2D,
  at: ScreenPoint,
  bearing_deg: number | null,
  colour: string,
): void {
  context.fillStyle = colour;
  if (bearing_deg === null) {
    circle(context, at, 5);
    context.fill();
    return;
  }
  context.save();
  context.translate(at.x, at.y);
  context.rotate((bearing_deg * Math.PI) / 180);
  context.beginPath();
  context.moveTo(0, -8.5);
  context.lineTo(6.2, 6.2);
  context.lineTo(0, 2.8);
  context.lineTo(-6.2, 6.2);
  context.closePath();
  context.fill();
  context.restore();
}
