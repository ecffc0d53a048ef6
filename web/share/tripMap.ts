import { loadBasemap } from "../shared/canvas/basemap";
import { CanvasMap } from "../shared/canvas/map";
import { type Language, SILENT_AFTER_MS } from "../shared/time";
import { decodePolyline, type LatLon } from "../shared/track";
import type { PositionView, PublicTrip } from "../shared/wire";
import type { DetailedMap } from "./detailed";
import { byId, element, say } from "./element";
import { icon } from "./icon";
import { TravelledPath } from "./path";
import { isOver } from "./summary";
import type { Words } from "./words";

// An older position than this was not driven just now: the marker leaps to it instead of pretending to drive.
const LIVE_MS = 60_000;
const NEAR_ZOOM = 11;
const WIDE_PADDING = { top: 84, right: 168, bottom: 64, left: 84 };
const NARROW_PADDING = { top: 84, right: 68, bottom: 58, left: 40 };
const SOURCES = "© OpenStreetMap, GeoNames, Natural Earth";

/** The small map with its buttons, fed from the shared trip. */
export class TripMap {
  private readonly canvas = byId<HTMLCanvasElement>("canvas");
  private readonly map: CanvasMap;
  private readonly frame = byId("map");
  private readonly streets = element("div", { class: "detailed", hidden: true });
  private readonly change = element("button", { type: "button", class: "switch" });
  private readonly failure = element("p", { class: "notice warn failure", role: "alert", hidden: true });
  private readonly narrow = matchMedia("(max-width: 760px)");
  private detailed: DetailedMap | null = null;
  private trip: PublicTrip | null = null;
  private now_ms = 0;
  private language: Language;
  private words: Words;
  private readonly buttons: Record<"zoomIn" | "zoomOut" | "toTruck" | "fit", HTMLButtonElement>;
  private readonly path = new TravelledPath();
  private route: LatLon[] | null = null;
  private position: PositionView | null = null;
  private shownSequence = -1;
  private drawnRoute: string | null = null;

  constructor(language: Language, words: Words) {
    this.language = language;
    this.words = words;
    this.map = new CanvasMap(this.canvas, language);
    this.narrow.addEventListener("change", () => this.pad());
    this.pad();
    this.buttons = {
      zoomIn: button(icon("M12 5v14", "M5 12h14"), () => this.zoom(1)),
      zoomOut: button(icon("M5 12h14"), () => this.zoom(-1)),
      toTruck: button(icon("M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2v3", "M12 19v3", "M2 12h3", "M19 12h3"), () =>
        this.toTruck(),
      ),
      fit: button(icon("M4 9V4h5", "M20 9V4h-5", "M4 15v5h5", "M20 15v5h-5"), () => (this.detailed ?? this.map).fit()),
    };
    this.buttons.zoomIn.className = this.buttons.zoomOut.className = "zoom";
    this.change.addEventListener("click", () => void this.switchMap());
    const tools = element("div", { class: "tools" }, ...Object.values(this.buttons));
    const sources = element("small", { class: "sources" }, SOURCES);
    this.frame.append(sources, this.streets, this.change, this.failure, tools);
    // Without it the trip is drawn on plain ground: still a map, only without names.
    void loadBasemap().then((basemap) => basemap && this.map.setBasemap(basemap));
  }

  speak(language: Language, words: Words): void {
    if (language !== this.language) {
      this.language = language;
      this.map.setLanguage(language);
      // The names on the map with streets are part of its style.
      this.closeDetailed();
    }
    this.words = words;
    say(this.change, this.detailed ? words.plain : words.detailed);
    this.canvas.setAttribute("aria-label", words.map);
    for (const [name, made] of Object.entries(this.buttons)) {
      const said = words[name as keyof typeof this.buttons];
      made.title = said;
      made.setAttribute("aria-label", said);
    }
  }

  /** Draws the trip: its lines, as far as they changed, its stops as they are now, the path up to its position. */
  show(trip: PublicTrip): void {
    this.trip = trip;
    const route = trip.route?.line ?? null;
    if (route !== this.drawnRoute) {
      this.route = route ? decodePolyline(route) : null;
      this.drawnRoute = route;
    }
    this.path.read(trip.track?.encoded ?? null);
    if (trip.position && !isOver(trip)) {
      this.path.extend(trip.position);
    }
    const { segments } = this.path;
    this.map.setScene({
      route: this.route,
      segments: segments.map((segment) => segment.map(({ lat, lon }): LatLon => [lat, lon])),
      stops: trip.stops.map((stop) => ({
        lat: stop.lat,
        lon: stop.lon,
        number: stop.position + 1,
        name: stop.name,
        done: stop.departed_at !== null || trip.stage === "delivered",
      })),
    });
    this.detailed?.show(trip, segments);
  }

  /** Moves the truck; `nowMs` on the hub's clock. */
  move(trip: PublicTrip, nowMs: number): void {
    const position = isOver(trip) ? null : trip.position;
    this.now_ms = nowMs;
    this.detailed?.move(position, nowMs);
    this.buttons.toTruck.hidden = position === null;
    this.position = position;
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

  /** Keeps the trip clear of the buttons over the map and, on a phone, of the sheet below. */
  private pad(): void {
    this.map.setPadding(this.narrow.matches ? NARROW_PADDING : WIDE_PADDING);
  }

  private zoom(by: number): void {
    if (this.detailed) {
      this.detailed.zoom(by);
    } else {
      this.map.zoom(by, this.map.centre(), true);
    }
  }

  private toTruck(): void {
    const { position } = this;
    if (position && this.detailed) {
      this.detailed.goTo(position);
    } else if (position) {
      this.map.goTo(position, NEAR_ZOOM);
    }
  }

  private async switchMap(): Promise<void> {
    if (this.detailed) {
      this.closeDetailed();
    } else if (this.trip) {
      await this.openDetailed(this.trip);
    }
    say(this.change, this.detailed ? this.words.plain : this.words.detailed);
  }

  private async openDetailed(trip: PublicTrip): Promise<void> {
    this.change.setAttribute("aria-busy", "true");
    // The library makes its container a relative block: it gets one of its own inside the frame.
    const container = element("div", { class: "streets" });
    this.streets.replaceChildren(container);
    this.streets.hidden = false;
    this.frame.classList.add("with-streets");
    say(this.failure, "");
    try {
      const { DetailedMap } = await import("./detailed");
      this.detailed = await DetailedMap.open(container, trip, this.language, this.words);
      // It took a while to come: what the trip is by now.
      this.detailed.show(this.trip ?? trip, this.path.segments);
      this.detailed.move(this.position, this.now_ms);
    } catch {
      // No network for it, or no WebGL in this browser: the small map goes on.
      this.closeDetailed();
      say(this.failure, this.words.detailedFailed);
    } finally {
      this.change.removeAttribute("aria-busy");
    }
  }

  private closeDetailed(): void {
    this.detailed?.close();
    this.detailed = null;
    this.streets.replaceChildren();
    this.streets.hidden = true;
    this.frame.classList.remove("with-streets");
  }
}

function button(drawing: SVGElement, press: () => void): HTMLButtonElement {
  const made = element("button", { type: "button" }, drawing);
  made.addEventListener("click", press);
  return made;
}
