import { describe, expect, it } from "vitest";
import { Glide, turned } from "./glide";

const at = (x: number, bearing_deg: number | null = 90) => ({ x, y: 0.4, bearing_deg });

describe("a gliding truck", () => {
  it("stands nowhere before its first position, then at once there", () => {
    const glide = new Glide();
    expect(glide.at(0)).toBeNull();
    glide.moveTo(at(0.5), 0, true);
    expect(glide.at(0)?.x).toBe(0.5);
    expect(glide.settled(0)).toBe(true);
  });

  it("drives from one live position to the next in the time between them", () => {
    const glide = new Glide();
    glide.moveTo(at(0.5), 0, true);
    glide.moveTo(at(0.50001), 1_000, true);
    expect(glide.at(1_500)?.x).toBeCloseTo(0.500005, 9);
    expect(glide.at(2_000)?.x).toBe(0.50001);
    expect(glide.settled(2_000)).toBe(true);
  });

  it("goes on from where it is drawn when the next position comes early", () => {
    const glide = new Glide();
    glide.moveTo(at(0.5), 0, true);
    glide.moveTo(at(0.50001), 1_000, true);
    glide.moveTo(at(0.50002), 1_500, true);
    expect(glide.at(1_500)?.x).toBeCloseTo(0.500005, 9);
  });

  it("leaps to a position that was not driven just now", () => {
    const glide = new Glide();
    glide.moveTo(at(0.5), 0, true);
    glide.moveTo(at(0.50001), 1_000, false);
    expect(glide.at(1_000)?.x).toBe(0.50001);
  });

  it("leaps over a gap instead of flying across the map", () => {
    const glide = new Glide();
    glide.moveTo(at(0.5), 0, true);
    glide.moveTo(at(0.51), 1_000, true);
    expect(glide.at(1_000)?.x).toBe(0.51);
  });

  it("turns the shorter way round", () => {
    expect(turned(350, 20, 0.5)).toBeCloseTo(5);
    expect(turned(20, 350, 0.5)).toBeCloseTo(5);
    expect(turned(10, 100, 1)).toBeCloseTo(100);
  });

  it("stops pointing anywhere when it stands", () => {
    const glide = new Glide();
    glide.moveTo(at(0.5), 0, true);
    glide.moveTo(at(0.50001, null), 1_000, true);
    expect(glide.at(1_200)?.bearing_deg).toBeNull();
  });
});
