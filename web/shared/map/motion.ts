/** Where a truck is drawn. */
export interface Place {
  lon: number;
  lat: number;
  bearing_deg: number;
}

interface Leg {
  from: Place;
  to: Place;
  startMs: number;
  lastsMs: number;
  fixTimeMs: number;
}

const SHORTEST_MS = 250;
const LONGEST_MS = 4_000;
const OLD_MS = 60_000;
const FAR_DEG = 0.05;

/**
 * Draws trucks between their positions. A fresh position is approached smoothly; an old one, or one far away, is
 * jumped to, because a backlog must not be shown as if it happened now.
 */
export class Motion {
  private readonly legs = new Map<number, Leg>();

  /** Sets where a truck is. `ageMs`: how old the fix is now. A fix at or before the one known changes nothing. */
  moveTo(id: number, place: Place, fixTimeMs: number, ageMs: number, nowMs: number): void {
    const known = this.legs.get(id);
    if (known && fixTimeMs <= known.fixTimeMs) {
      return;
    }
    const from = known ? this.at(known, nowMs) : place;
    const sinceMs = known ? fixTimeMs - known.fixTimeMs : 0;
    const isLive = known && ageMs < OLD_MS && sinceMs < OLD_MS && isNear(from, place);
    this.legs.set(id, {
      from: isLive ? from : place,
      to: place,
      startMs: nowMs,
      lastsMs: isLive ? Math.min(LONGEST_MS, Math.max(SHORTEST_MS, sinceMs)) : 0,
      fixTimeMs,
    });
  }

  /** Forgets every truck that is not named. */
  keepOnly(ids: Set<number>): void {
    for (const id of this.legs.keys()) {
      if (!ids.has(id)) {
        this.legs.delete(id);
      }
    }
  }

  placeOf(id: number, nowMs: number): Place | null {
    const leg = this.legs.get(id);
    return leg ? this.at(leg, nowMs) : null;
  }

  /** Whether any truck is still on its way at this moment. */
  isMoving(nowMs: number): boolean {
    for (const leg of this.legs.values()) {
      if (nowMs < leg.startMs + leg.lastsMs) {
        return true;
      }
    }
    return false;
  }

  private at(leg: Leg, nowMs: number): Place {
    const share = leg.lastsMs === 0 ? 1 : Math.min(1, Math.max(0, (nowMs - leg.startMs) / leg.lastsMs));
    return {
      lon: leg.from.lon + (leg.to.lon - leg.from.lon) * share,
      lat: leg.from.lat + (leg.to.lat - leg.from.lat) * share,
      bearing_deg: turned(leg.from.bearing_deg, leg.to.bearing_deg, Math.min(1, share * 3)),
    };
  }
}

const isNear = (a: Place, b: Place): boolean => Math.abs(a.lon - b.lon) < FAR_DEG && Math.abs(a.lat - b.lat) < FAR_DEG;

/** A bearing between two, the short way round. */
export function turned(from: number, to: number, share: number): number {
  const way = ((((to - from) % 360) + 540) % 360) - 180;
  return (from + way * share + 360) % 360;
}
