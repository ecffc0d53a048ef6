import type { PositionView, PublicTrip } from "../shared/wire";

/** The newer of two positions: the one whose row was written later. */
export function newer(known: PositionView | null, next: PositionView | null): PositionView | null {
  if (known === null || next === null) {
    return known ?? next;
  }
  return next.sequence >= known.sequence ? next : known;
}

/** A changed trip on top of what was known: lines that did not change are left out on the wire. */
export function merged(known: PublicTrip | null, next: PublicTrip): PublicTrip {
  if (known === null) {
    return next;
  }
  return {
    ...next,
    route: next.route ?? known.route,
    track: next.track ?? known.track,
    position: newer(known.position, next.position),
  };
}
