import { decodeTrack, type TrackPoint } from "../shared/track";
import type { PositionView } from "../shared/wire";

// As in geo/track.py: over a longer silence no line is drawn.
const GAP_S = 15 * 60;

/** The travelled path as the page knows it: the track the hub sent, lengthened by every position heard since. */
export class TravelledPath {
  private encoded: string | null = null;
  private track: TrackPoint[][] = [];
  private heard: TrackPoint[] = [];
  /** Uninterrupted pieces; a new array whenever one of them changed. */
  segments: TrackPoint[][] = [];

  /** Takes the hub's track; one it has already costs nothing. */
  read(encoded: string | null): void {
    if (encoded === this.encoded) {
      return;
    }
    this.encoded = encoded;
    this.track = encoded ? decodeTrack(encoded) : [];
    const end_s = this.track.at(-1)?.at(-1)?.timeS ?? 0;
    // What was heard while the track was being read is still the newest end of it.
    this.heard = this.heard.filter((point) => point.timeS > end_s);
    this.segments = this.heard.reduce(lengthened, this.track);
  }

  /** Goes on to a position; one that is not newer than the end changes nothing. */
  extend({ fix_time_ms, lat, lon }: PositionView): void {
    const point = { timeS: Math.floor(fix_time_ms / 1000), lat, lon };
    if (point.timeS > (this.segments.at(-1)?.at(-1)?.timeS ?? 0)) {
      this.heard.push(point);
      this.segments = lengthened(this.segments, point);
    }
  }
}

/** After a long silence the path begins anew, as the hub draws it. */
function lengthened(segments: TrackPoint[][], point: TrackPoint): TrackPoint[][] {
  const last = segments.at(-1);
  const end = last?.at(-1);
  return last && end && point.timeS - end.timeS <= GAP_S
    ? [...segments.slice(0, -1), [...last, point]]
    : [...segments, [point]];
}
