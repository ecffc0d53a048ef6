import type { ScreenPoint } from "./mercator";

/** What a person may do to the map. */
export interface Gestures {
  pan(byX: number, byY: number): void;
  /** `by` zoom levels around a point; `smooth` for a step of keys, buttons or a double tap. */
  zoom(by: number, anchor: ScreenPoint, smooth: boolean): void;
  /** The finger left the map while moving, in pixels a millisecond. */
  fling(speedX: number, speedY: number): void;
  /** A finger or the mouse took hold. */
  hold(): void;
  fit(): void;
  centre(): ScreenPoint;
}

const KEY_STEP_PX = 80;
const DOUBLE_TAP_MS = 300;
const WHEEL_LEVELS_PER_PX = 1 / 300;

interface Pinch {
  middle: ScreenPoint;
  apart: number;
}

/** Listens to fingers, mouse, wheel and keys on the canvas until `signal` aborts. */
export function listen(canvas: HTMLCanvasElement, gestures: Gestures, signal: AbortSignal): void {
  const fingers = new Map<number, ScreenPoint>();
  let pinch: Pinch | null = null;
  let speed: ScreenPoint = { x: 0, y: 0 };
  let movedAt = 0;
  let tappedAt = 0;
  let travelled = 0;

  const pointOf = (event: PointerEvent | WheelEvent): ScreenPoint => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const pinchOf = (): Pinch | null => {
    const [first, second] = [...fingers.values()];
    if (!first || !second) {
      return null;
    }
    return {
      middle: { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 },
      apart: Math.max(20, Math.hypot(first.x - second.x, first.y - second.y)),
    };
  };

  const down = (event: PointerEvent) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, pointOf(event));
    pinch = pinchOf();
    speed = { x: 0, y: 0 };
    travelled = 0;
    gestures.hold();
  };

  const drag = (event: PointerEvent, point: ScreenPoint, before: ScreenPoint) => {
    const x = point.x - before.x;
    const y = point.y - before.y;
    const elapsed = Math.max(1, event.timeStamp - movedAt);
    travelled += Math.hypot(x, y);
    speed = { x: 0.6 * speed.x + (0.4 * x) / elapsed, y: 0.6 * speed.y + (0.4 * y) / elapsed };
    movedAt = event.timeStamp;
    gestures.pan(x, y);
  };

  const move = (event: PointerEvent) => {
    const before = fingers.get(event.pointerId);
    if (!before) {
      return;
    }
    const point = pointOf(event);
    fingers.set(event.pointerId, point);
    const next = pinchOf();
    if (pinch && next) {
      gestures.pan(next.middle.x - pinch.middle.x, next.middle.y - pinch.middle.y);
      gestures.zoom(Math.log2(next.apart / pinch.apart), next.middle, false);
      travelled += 100;
    } else {
      drag(event, point, before);
    }
    pinch = next;
  };

  const up = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) {
      return;
    }
    pinch = pinchOf();
    if (fingers.size > 0 || event.type === "pointercancel") {
      return;
    }
    if (travelled < 8) {
      const twice = event.timeStamp - tappedAt < DOUBLE_TAP_MS;
      tappedAt = twice ? 0 : event.timeStamp;
      if (twice) {
        gestures.zoom(1, pointOf(event), true);
      }
    } else if (event.timeStamp - movedAt < 60) {
      gestures.fling(speed.x, speed.y);
    }
  };

  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    // A pinch on a touchpad comes as a wheel with Ctrl and much smaller steps.
    gestures.zoom(-pixels * WHEEL_LEVELS_PER_PX * (event.ctrlKey ? 3 : 1), pointOf(event), false);
  };

  const keys: Record<string, () => void> = {
    ArrowLeft: () => gestures.pan(KEY_STEP_PX, 0),
    ArrowRight: () => gestures.pan(-KEY_STEP_PX, 0),
    ArrowUp: () => gestures.pan(0, KEY_STEP_PX),
    ArrowDown: () => gestures.pan(0, -KEY_STEP_PX),
    "+": () => gestures.zoom(1, gestures.centre(), true),
    "=": () => gestures.zoom(1, gestures.centre(), true),
    "-": () => gestures.zoom(-1, gestures.centre(), true),
    "0": () => gestures.fit(),
    Home: () => gestures.fit(),
  };
  const key = (event: KeyboardEvent) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (act) {
      event.preventDefault();
      gestures.hold();
      act();
    }
  };

  canvas.addEventListener("pointerdown", down, { signal });
  canvas.addEventListener("pointermove", move, { signal });
  canvas.addEventListener("pointerup", up, { signal });
  canvas.addEventListener("pointercancel", up, { signal });
  canvas.addEventListener("wheel", wheel, { signal, passive: false });
  canvas.addEventListener("keydown", key, { signal });
}
