import { type Basemap, type BasemapFile, drawBasemap, enterWorld, type MapLanguage, readBasemap } from "./basemap";
import { type Colours, DAY, NIGHT } from "./colours";
import { listen } from "./gestures";
import { Glide } from "./glide";
import { drawLabels, Room } from "./labels";
import {
  fitted,
  type Padding,
  type Place,
  panned,
  type ScreenPoint,
  toScreen,
  toWorld,
  type View,
  type WorldPoint,
  worldPixels,
  zoomedAround,
} from "./mercator";
import { drawFences, drawLines, drawStops, drawTruck, type TruckLook } from "./paint";
import { boxOf, type Scene, type SceneSource, sceneOf } from "./scene";

const EASE_MS = 320;
const FLING_HALF_LIFE_MS = 140;
const PULSE_MS = 1_500;
const NEAREST_FIT_ZOOM = 11;
const TRUCK_DRAWN = "truck drawn";

const easeOut = (share: number) => 1 - (1 - share) ** 3;

interface Movement {
  from: View;
  to: View;
  startedAt: number;
}

/** A truck's newest place for the map; `live` tells that it was measured just now. */
export interface TruckPosition extends Place, TruckLook {
  bearing_deg: number | null;
  live: boolean;
}

/** The small map: one canvas, no tiles, no network of its own. */
export class CanvasMap {
  private readonly context: CanvasRenderingContext2D;
  /** Everything but the truck, drawn anew only when the view or the trip changes: the truck moves every frame. */
  private readonly ground = document.createElement("canvas");
  private groundIsOld = true;
  private readonly closing = new AbortController();
  private readonly reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly darkness = matchMedia("(prefers-color-scheme: dark)");
  private readonly sizes: ResizeObserver;
  private readonly glide = new Glide();
  private view: View = { ...toWorld({ lat: 42, lon: 74 }), zoom: 5, width: 0, height: 0 };
  private basemap: Basemap | null = null;
  private scene: Scene | null = null;
  private look: TruckLook | null = null;
  private movement: Movement | null = null;
  private drift: (ScreenPoint & { at: number }) | null = null;
  private frame = 0;
  private pulsedAt = Number.NEGATIVE_INFINITY;
  private padding: Padding = { top: 48, right: 48, bottom: 48, left: 48 };
  /** Until a person takes hold, the map keeps the whole trip in sight. */
  private held = false;
  onHold: (held: boolean) => void = () => undefined;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private language: MapLanguage,
  ) {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) {
      throw new Error("this browser gives no 2d canvas");
    }
    this.context = context;
    const signal = this.closing.signal;
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(canvas);
    this.darkness.addEventListener("change", () => this.drawAll(), { signal });
    listen(canvas, this, signal);
    this.resize();
  }

  close(): void {
    this.closing.abort();
    this.sizes.disconnect();
    cancelAnimationFrame(this.frame);
  }

  setBasemap(file: BasemapFile): void {
    this.basemap = readBasemap(file);
    this.drawAll();
  }

  setLanguage(language: MapLanguage): void {
    this.language = language;
    this.drawAll();
  }

  /** Room the page's own panels take over the canvas. */
  setPadding(padding: Padding): void {
    this.padding = padding;
    this.refit(false);
  }

  setScene(source: SceneSource): void {
    const first = this.scene === null;
    this.scene = sceneOf(source);
    this.refit(!first);
    this.drawAll();
  }

  setTruck(truck: TruckPosition | null): void {
    this.look = truck;
    if (truck) {
      this.glide.moveTo(
        { ...toWorld(truck), bearing_deg: truck.bearing_deg },
        performance.now(),
        truck.live && !this.reducedMotion.matches,
      );
      this.keepInSight();
    }
    if (truck?.live) {
      this.pulsedAt = performance.now();
    }
    this.draw();
  }

  // What gestures may do.

  hold(): void {
    this.movement = null;
    this.drift = null;
    this.held = true;
    this.onHold(true);
  }

  pan(byX: number, byY: number): void {
    this.view = panned(this.view, byX, byY);
    this.drawAll();
  }

  zoom(by: number, anchor: ScreenPoint, smooth: boolean): void {
    const from = this.movement?.to ?? this.view;
    this.held = true;
    this.onHold(true);
    this.go(zoomedAround(smooth ? from : this.view, (smooth ? from : this.view).zoom + by, anchor), smooth);
  }

  fling(speedX: number, speedY: number): void {
    if (!this.reducedMotion.matches) {
      this.drift = { x: speedX, y: speedY, at: performance.now() };
      this.draw();
    }
  }

  centre(): ScreenPoint {
    return { x: this.view.width / 2, y: this.view.height / 2 };
  }

  /** Show the whole trip again and keep it in sight. */
  fit(): void {
    this.held = false;
    this.onHold(false);
    this.refit(true);
  }

  /** Bring one place to the middle. */
  goTo(place: Place, zoom: number): void {
    this.hold();
    this.go({ ...this.view, ...toWorld(place), zoom }, true);
  }

  private get colours(): Colours {
    return this.darkness.matches ? NIGHT : DAY;
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = this.ratio();
    this.view = { ...this.view, width: clientWidth, height: clientHeight };
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.ground.width = this.canvas.width;
    this.ground.height = this.canvas.height;
    this.groundIsOld = true;
    this.refit(false);
    // A canvas is blank from the moment its size changes: no frame may pass before it is drawn again.
    this.drawNow(performance.now());
  }

  private ratio(): number {
    return Math.min(3, devicePixelRatio || 1);
  }

  private refit(smooth: boolean): void {
    const stance = this.glide.at(performance.now());
    const box = this.scene && !this.held ? boxOf(this.scene, stance) : null;
    if (box && this.view.width > 0) {
      this.go(fitted(this.view, box, this.padding, NEAREST_FIT_ZOOM), smooth);
    }
  }

  /** Fits again only when the truck has left what is seen. */
  private keepInSight(): void {
    const stance = this.glide.at(Infinity);
    if (stance && !this.held) {
      const { x, y } = toScreen(this.movement?.to ?? this.view, stance);
      if (x < 0 || y < 0 || x > this.view.width || y > this.view.height) {
        this.refit(true);
      }
    }
  }

  private go(to: View, smooth: boolean): void {
    if (smooth && !this.reducedMotion.matches && this.view.width > 0) {
      this.movement = { from: this.view, to, startedAt: performance.now() };
    } else {
      this.movement = null;
      this.view = to;
    }
    this.drawAll();
  }

  private drawAll(): void {
    this.groundIsOld = true;
    this.draw();
  }

  private draw(): void {
    if (this.frame === 0 && !this.closing.signal.aborted) {
      this.frame = requestAnimationFrame((now) => {
        this.frame = 0;
        this.drawNow(now);
      });
    }
  }

  /** Steps every movement under way; false when all is at rest. */
  private step(now: number): boolean {
    if (this.movement) {
      this.stepMovement(this.movement, now);
    }
    if (this.drift) {
      this.stepDrift(this.drift, now);
    }
    return this.movement !== null || this.drift !== null || !this.glide.settled(now) || this.pulse(now) !== null;
  }

  private stepMovement({ from, to, startedAt }: Movement, now: number): void {
    const share = Math.max(0, Math.min(1, (now - startedAt) / EASE_MS));
    const zoom = from.zoom + (to.zoom - from.zoom) * easeOut(share);
    this.view = { ...to, ...middleBetween(from, to, zoom, easeOut(share)), zoom };
    this.groundIsOld = true;
    if (share >= 1) {
      this.movement = null;
    }
  }

  private stepDrift(drift: ScreenPoint & { at: number }, now: number): void {
    const elapsed = Math.max(0, now - drift.at);
    const kept = 0.5 ** (elapsed / FLING_HALF_LIFE_MS);
    this.view = panned(this.view, drift.x * elapsed, drift.y * elapsed);
    this.groundIsOld = true;
    const slower = { x: drift.x * kept, y: drift.y * kept, at: now };
    this.drift = Math.hypot(slower.x, slower.y) < 0.01 ? null : slower;
  }

  /** How far the ring of a position that has just come has spread, 0…1. */
  private pulse(now: number): number | null {
    const share = (now - this.pulsedAt) / PULSE_MS;
    return share >= 0 && share < 1 && !this.reducedMotion.matches ? share : null;
  }

  private drawNow(now: number): void {
    if (this.view.width === 0 || this.view.height === 0) {
      return;
    }
    const moving = this.step(now);
    if (this.groundIsOld) {
      this.drawGround();
      this.groundIsOld = false;
    }
    const ratio = this.ratio();
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.drawImage(this.ground, 0, 0);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const stance = this.look ? this.glide.at(now) : null;
    if (stance && this.look) {
      drawTruck(this.context, stance, this.look, this.view, this.colours, this.pulse(now));
      this.markFirstTruck();
    }
    if (moving) {
      this.draw();
    }
  }

  /** On the browser's own time line, where anyone can measure how soon the truck is seen. */
  private markFirstTruck(): void {
    if (performance.getEntriesByName(TRUCK_DRAWN).length === 0) {
      performance.mark(TRUCK_DRAWN);
    }
  }

  private drawGround(): void {
    const { view, colours, scene, basemap } = this;
    const context = this.ground.getContext("2d", { alpha: false });
    if (!context) {
      return;
    }
    const ratio = this.ratio();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = colours.land;
    context.fillRect(0, 0, this.ground.width, this.ground.height);
    const pixel = enterWorld(context, view, ratio);
    if (basemap) {
      drawBasemap(context, basemap, colours, view.zoom, pixel);
    }
    if (scene) {
      drawLines(context, scene, colours, pixel);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const room = new Room();
    const said = new Set(scene?.stops.map((stop) => stop.name));
    if (scene) {
      drawFences(context, scene, view, colours);
      drawStops(context, scene, view, colours, room);
    }
    if (basemap) {
      drawLabels(context, view, basemap, this.language, colours, room, said);
    }
  }
}

/** The middle moves in step with the scale, so that the point zoomed into stays where it is. */
function middleBetween(from: View, to: View, zoom: number, eased: number): WorldPoint {
  const [first, now, last] = [from.zoom, zoom, to.zoom].map((level) => 1 / worldPixels(level)) as [
    number,
    number,
    number,
  ];
  const done = Math.abs(first - last) < 1e-12 ? eased : (first - now) / (first - last);
  return { x: from.x + (to.x - from.x) * done, y: from.y + (to.y - from.y) * done };
}
