import { describe, expect, it } from "vitest";
import {
  boxAround,
  fitted,
  fromScreen,
  MAXIMUM_ZOOM,
  panned,
  pixelsPerMetre,
  toPlace,
  toScreen,
  toWorld,
  type View,
  zoomedAround,
} from "./mercator";

const BISHKEK = { lat: 42.87, lon: 74.6 };
const OSH = { lat: 40.53, lon: 72.8 };
const view: View = { ...toWorld(BISHKEK), zoom: 8, width: 390, height: 400 };

describe("the projection", () => {
  it("brings a place back from the flat world", () => {
    const place = toPlace(toWorld(OSH));
    expect(place.lat).toBeCloseTo(OSH.lat, 9);
    expect(place.lon).toBeCloseTo(OSH.lon, 9);
  });

  it("keeps the poles on the square", () => {
    expect(toWorld({ lat: 90, lon: 0 }).y).toBeGreaterThanOrEqual(0);
    expect(toWorld({ lat: -90, lon: 0 }).y).toBeLessThanOrEqual(1);
  });

  it("puts the view's middle in the canvas's middle and back", () => {
    expect(toScreen(view, toWorld(BISHKEK))).toEqual({ x: 195, y: 200 });
    const back = fromScreen(view, { x: 195, y: 200 });
    expect(back.x).toBeCloseTo(view.x, 12);
  });

  it("knows that a pixel of zoom 8 is some 450 m at Bishkek", () => {
    expect(1 / pixelsPerMetre(view)).toBeGreaterThan(440);
    expect(1 / pixelsPerMetre(view)).toBeLessThan(460);
  });
});

describe("moving about", () => {
  it("keeps the point under the fingers where it is while zooming", () => {
    const anchor = { x: 40, y: 333 };
    const held = fromScreen(view, anchor);
    const near = zoomedAround(view, 10.5, anchor);
    const after = toScreen(near, held);
    expect(after.x).toBeCloseTo(anchor.x, 6);
    expect(after.y).toBeCloseTo(anchor.y, 6);
  });

  it("zooms no nearer than its limit", () => {
    expect(zoomedAround(view, 99, { x: 0, y: 0 }).zoom).toBe(MAXIMUM_ZOOM);
  });

  it("follows a finger pixel by pixel", () => {
    const point = toScreen(panned(view, 30, -12), toWorld(BISHKEK));
    expect(point.x).toBeCloseTo(225, 6);
    expect(point.y).toBeCloseTo(188, 6);
  });
});

describe("fitting a trip", () => {
  const padding = { top: 20, right: 90, bottom: 40, left: 10 };
  const box = boxAround([toWorld(BISHKEK), toWorld(OSH)]);

  it("shows both ends inside the padding", () => {
    const whole = fitted(view, box!, padding, 11);
    for (const place of [BISHKEK, OSH]) {
      const { x, y } = toScreen(whole, toWorld(place));
      expect(x).toBeGreaterThanOrEqual(padding.left - 0.01);
      expect(x).toBeLessThanOrEqual(view.width - padding.right + 0.01);
      expect(y).toBeGreaterThanOrEqual(padding.top - 0.01);
      expect(y).toBeLessThanOrEqual(view.height - padding.bottom + 0.01);
    }
  });

  it("does not press its nose against a single point", () => {
    expect(fitted(view, boxAround([toWorld(OSH)])!, padding, 11).zoom).toBe(11);
  });

  it("has no box around nothing", () => {
    expect(boxAround([])).toBeNull();
  });
});
