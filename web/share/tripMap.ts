import type { BasemapFile } from "../shared/canvas/basemap";
import { CanvasMap } from "../shared/canvas/map";
import type { SceneSource } from "../shared/canvas/scene";
import { type Language, SILENT_AFTER_MS } from "../shared/time";
import { decodePolyline, decodeTrack, type LatLon } from "../shared/track";
import type { PositionView, PublicTrip } from "../shared/wire";
import { byId, element } from "./element";
import { icon } from "./icon";
import { isOver } from "./summary";
import type { Words } from "./words";

// An older position than this was not driven just now: the marker leaps to it instead of pretending to drive.
const LIVE_MS = 60_000;
// As in geo/track.py: over a longer silence no line is drawn.
const GAP_MS = 15 * 60_000;

/** The small map with its buttons, fed from the shared trip. */
export class TripMap {
  private readonly canvas = byId<HTMLCanvasElement>("canvas");
  private readonly map: CanvasMap;
  private readonly buttons: Record<"zoomIn" | "zoomOut" | "toTruck" | "fit", HTMLButtonElement>;
  private readonly drawing: {
    route: LatLon[] | null;
    segments: LatLon[][];
    stops: SceneSource["stops"];
    position: PositionView | null;
  } = { route: null, segments: [], stops: [], position: null };
  /** Positions heard since the track came: its newest end. */
  private tail: LatLon[][] = [];
  private tailEnds_ms = 0;
  private shownSequence = -1;
  private drawnTrack: string | null = null;
  private drawnRoute: string | null = null;

  constructor(language: Language) {
    this.map = new CanvasMap(this.canvas, language);
    const zoom = (by: number) => () => this.map.zoom(by, this.map.centre(), true);
    this.buttons = {
      zoomIn: button(icon("M12 5v14", "M5 12h14"), zoom(1)),
      zoomOut: button(icon("M5 12h14"), zoom(-1)),
      toTruck: button(icon("M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2v3", "M12 19v3", "M2 12h3", "M19 12h3"), () =>
        this.toTruck(),
      ),
      fit: button(icon("M4 9V4h5", "M20 9V4h-5", "M4 15v5h5", "M20 15v5h-5"), () => this.map.fit()),
    };
    byId("map").append(element("div", { class: "tools" }, ...Object.values(this.buttons)));
    void this.loadBasemap();
  }

  speak(language: Language, words: Words): void {
    this.map.setLanguage(language);
    this.canvas.setAttribute("aria-label", words.map);
    for (const [name, made] of Object.entries(this.buttons)) {
      const said = words[name as keyof typeof this.buttons];
      made.title = said;
      made.setAttribute("aria-label", said);
    }
  }

  /** Draws the trip; its lines are decoded only when they changed. */
  show(trip: PublicTrip): void {
    const route = trip.route?.line ?? null;
    const track = trip.track?.encoded ?? null;
    if (track !== this.drawnTrack) {
      const segments = track ? decodeTrack(track) : [];
      this.drawing.segments = segments.map((segment) => segment.map(({ lat, lon }): LatLon => [lat, lon]));
      this.tail = [];
      this.tailEnds_ms = (segments.at(-1)?.at(-1)?.timeS ?? 0) * 1000;
      this.drawnTrack = track;
    }
    if (route !== this.drawnRoute) {
      this.drawing.route = route ? decodePolyline(route) : null;
      this.drawnRoute = route;
    }
    this.drawing.stops = trip.stops.map((stop) => ({
      lat: stop.lat,
      lon: stop.lon,
      number: stop.position + 1,
      name: stop.name,
      done: stop.departed_at !== null || trip.stage === "delivered",
    }));
    this.draw();
  }

  /** Moves the truck; `nowMs` on the hub's clock. */
  move(trip: PublicTrip, nowMs: number): void {
    const position = isOver(trip) ? null : trip.position;
    this.buttons.toTruck.hidden = position === null;
    this.drawing.position = position;
    if (!position) {
      this.map.setTruck(null);
      return;
    }
    const age = nowMs - position.fix_time_ms;
    this.map.setTruck({
      lat: position.lat,
      lon: position.lon,
      bearing_deg: (position.speed_mps ?? 0) > 1 ? (position.bearing_deg ?? null) : null,
      accuracy_m: position.accuracy_m ?? null,
      stale: age >= SILENT_AFTER_MS,
      live: age < LIVE_MS && position.sequence !== this.shownSequence,
    });
    this.shownSequence = position.sequence;
  }

  /** Lengthens the travelled path by a new position; after a long silence it begins anew, as the hub draws it. */
  extend(position: PositionView): void {
    const point: LatLon = [position.lat, position.lon];
    if (position.fix_time_ms - this.tailEnds_ms > GAP_MS) {
      this.tail.push([point]);
    } else {
      const last = this.tail.pop() ?? this.drawing.segments.pop() ?? [];
      this.tail.push([...last, point]);
    }
    this.tailEnds_ms = position.fix_time_ms;
    this.draw();
  }

  private draw(): void {
    this.map.setScene({ ...this.drawing, segments: [...this.drawing.segments, ...this.tail] });
  }

  private toTruck(): void {
    if (this.drawing.position) {
      this.map.goTo(this.drawing.position, 11);
    }
  }

  private async loadBasemap(): Promise<void> {
    const response = await fetch("/basemap/canvas.json").catch(() => null);
    // Without it the trip is drawn on plain ground: still a map, only without names.
    if (response?.ok) {
      this.map.setBasemap((await response.json()) as BasemapFile);
    }
  }
}

function button(drawing: SVGElement, press: () => void): HTMLButtonElement {
  const made = element("button", { type: "button" }, drawing);
  made.addEventListener("click", press);
  return made;
}
