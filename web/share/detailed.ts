import type { Map as MapLibre } from "maplibre-gl";
import { basemapStyle, type Theme } from "../shared/map/basemap";
import { createMap } from "../shared/map/create";
import { boundsOf, type Corner } from "../shared/map/geometry";
import { PathLayer } from "../shared/map/layers/path";
import { RouteLayer } from "../shared/map/layers/route";
import { StopLayer } from "../shared/map/layers/stops";
import { TruckLayer } from "../shared/map/layers/trucks";
import { type Language, SILENT_AFTER_MS } from "../shared/time";
import { decodePolyline, type TrackPoint } from "../shared/track";
import type { PositionView, PublicTrip } from "../shared/wire";
import type { Words } from "./words";

const MOVING_ABOVE_MPS = 1.4;
const NEAR_ZOOM = 13;
// The buttons over the map and, on a phone, the sheet below take their room.
const FIT = { padding: { top: 84, right: 72, bottom: 72, left: 48 }, maxZoom: 13, duration: 400 };

/** The map with streets, loaded only when somebody asks for it; the same layers as the dispatcher's. */
export class DetailedMap {
  private readonly route = new RouteLayer();
  private readonly path = new PathLayer();
  private readonly stops = new StopLayer();
  private readonly truck = new TruckLayer(
    () => undefined,
    () => undefined,
  );
  private readonly map: MapLibre;
  private segments: TrackPoint[][] = [];
  private trip: PublicTrip | null = null;

  private constructor(map: MapLibre, theme: Theme) {
    this.map = map;
    this.route.add(map, theme);
    this.path.add(map, theme);
    this.stops.add(map, theme);
    this.truck.add(map, theme);
  }

  /** Opens in `container`; rejects when this browser cannot draw it or its style does not come. */
  static async open(container: HTMLElement, trip: PublicTrip, language: Language, words: Words): Promise<DetailedMap> {
    const theme: Theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const style = await basemapStyle(trip.map, language, theme);
    const { zoomIn, zoomOut, fit: north, map: name } = words;
    const map = createMap(container, style, { zoomIn, zoomOut, north, map: name });
    await new Promise<void>((resolve, reject) => {
      map.once("style.load", () => resolve());
      map.once("error", ({ error }) => reject(error));
    });
    return new DetailedMap(map, theme);
  }

  /** Draws the trip with the path travelled so far; lines that are the same as before stay as they are. */
  show(trip: PublicTrip, segments: TrackPoint[][]): void {
    const first = this.trip === null;
    if (trip.route !== this.trip?.route) {
      this.route.update(trip.route);
    }
    if (segments !== this.segments) {
      this.path.update(segments);
    }
    this.trip = trip;
    this.segments = segments;
    this.stops.update(trip.stops);
    if (first) {
      this.fit();
    }
  }

  move(position: PositionView | null, nowMs: number): void {
    const { trip } = this;
    if (!trip || !position) {
      this.truck.update([], null, nowMs);
      return;
    }
    const mark = {
      id: position.trip_id,
      stage: trip.stage,
      plate: trip.vehicle_plate,
      lon: position.lon,
      lat: position.lat,
      bearingDeg: position.bearing_deg ?? null,
      isMoving: (position.speed_mps ?? 0) > MOVING_ABOVE_MPS,
      isStale: nowMs - position.fix_time_ms >= SILENT_AFTER_MS,
      fixTimeMs: position.fix_time_ms,
    };
    this.truck.update([mark], mark.id, nowMs);
  }

  zoom(by: number): void {
    this.map.zoomTo(this.map.getZoom() + by);
  }

  fit(): void {
    const route: Corner[] = this.trip?.route
      ? decodePolyline(this.trip.route.line).map(([lat, lon]) => [lon, lat])
      : [];
    const stops = this.trip?.stops.map(({ lon, lat }): Corner => [lon, lat]) ?? [];
    const travelled = this.segments.flat().map(({ lon, lat }): Corner => [lon, lat]);
    const bounds = boundsOf([...stops, ...route, ...travelled]);
    if (bounds) {
      this.map.fitBounds(bounds, FIT);
    }
  }

  goTo({ lon, lat }: PositionView): void {
    this.map.easeTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), NEAR_ZOOM) });
  }

  close(): void {
    // Its trucks would go on driving over a map that is gone.
    this.truck.remove();
    this.map.remove();
  }
}
