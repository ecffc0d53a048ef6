import type { WorldPoint } from "./mercator";

/** Where a truck is drawn and which way it looks; `bearing_deg` null: it stands or does not say. */
export interface Stance extends WorldPoint {
  bearing_deg: number | null;
}

const SHORTEST_MS = 400;
const LONGEST_MS = 2_500;
// In world units; about 3 km at 42° north. Further than that between two positions is a gap, not a movement.
const LONGEST_LEAP = 1e-4;

/** The shorter way round from one bearing to another, at `share` 0…1 of it. */
export function turned(from: number, to: number, share: number): number {
  const turn = ((to - from + 540) % 360) - 180;
  return (from + turn * share + 360) % 360;
}

/** Moves a marker evenly from position to position, so that it drives instead of hopping once a second. */
export class Glide {
  private from: Stance | null = null;
  private to: Stance | null = null;
  private startedAt = 0;
  private lasts_ms = 0;

  /**
   * Go to `stance` from wherever the marker is drawn now. It leaps when `live` is false (an old position that has just
   * arrived was not driven now), on the first position and over gaps.
   */
  moveTo(stance: Stance, now: number, live: boolean): void {
    const drawn = this.at(now);
    const sinceLast = now - this.startedAt;
    const near = drawn !== null && Math.hypot(stance.x - drawn.x, stance.y - drawn.y) <= LONGEST_LEAP;
    this.from = drawn;
    this.to = stance;
    this.startedAt = now;
    this.lasts_ms = live && near ? Math.max(SHORTEST_MS, Math.min(LONGEST_MS, sinceLast)) : 0;
  }

  /** The stance to draw at a moment; null before the first position. */
  at(now: number): Stance | null {
    if (this.to === null || this.from === null || this.settled(now)) {
      return this.to;
    }
    const share = (now - this.startedAt) / this.lasts_ms;
    const { from, to } = this;
    return {
      x: from.x + (to.x - from.x) * share,
      y: from.y + (to.y - from.y) * share,
      bearing_deg:
        from.bearing_deg === null || to.bearing_deg === null
          ? to.bearing_deg
          : turned(from.bearing_deg, to.bearing_deg, Math.min(1, share * 2)),
    };
  }

  settled(now: number): boolean {
    return now >= this.startedAt + this.lasts_ms;
  }
}
