export type LatLon = [lat: number, lon: number];

/** Reads signed numbers of Google's encoded polyline format one after another, starting at `start`. */
export function* polylineNumbers(text: string, start = 0): Generator<number> {
  let value = 0;
  let scale = 1;
  for (let index = start; index < text.length; index += 1) {
    const chunk = text.charCodeAt(index) - 63;
    // Multiplied, not shifted: a long number would lose its upper bits.
    value += (chunk & 31) * scale;
    scale *= 32;
    if (chunk < 32) {
      yield value % 2 ? -(value + 1) / 2 : value / 2;
      value = 0;
      scale = 1;
    }
  }
}

/** Decodes an encoded polyline of (lat, lon) pairs with `precision` decimals. */
export function decodePolyline(text: string, precision = 5): LatLon[] {
  const unit = 10 ** precision;
  const line: LatLon[] = [];
  const numbers = polylineNumbers(text);
  let lat = 0;
  let lon = 0;
  for (;;) {
    const north = numbers.next();
    const east = numbers.next();
    if (north.done || east.done) {
      return line;
    }
    lat += north.value;
    lon += east.value;
    line.push([lat / unit, lon / unit]);
  }
}

/** One point of a travelled path; `timeS` in seconds since 1970. */
export interface TrackPoint {
  timeS: number;
  lat: number;
  lon: number;
}

/** A text that `decodeTrack` cannot read, made by a newer hub. */
export class UnknownTrackVersion extends Error {}

/**
 * Decodes what geo/track.py writes: `1,<base>,<segment> <segment> …`. Each segment is an uninterrupted piece; between
 * two of them nobody measured.
 */
export function decodeTrack(text: string): TrackPoint[][] {
  const [version, base, rest = ""] = text.split(",", 3);
  if (version !== "1") {
    throw new UnknownTrackVersion(version);
  }
  let lat = 0;
  let lon = 0;
  let timeS = Number(base);
  const segments: TrackPoint[][] = [];
  for (const piece of rest.split(" ")) {
    const segment: TrackPoint[] = [];
    const numbers = [...polylineNumbers(piece)];
    for (let index = 0; index + 2 < numbers.length; index += 3) {
      lat += numbers[index] as number;
      lon += numbers[index + 1] as number;
      timeS += numbers[index + 2] as number;
      segment.push({ timeS, lat: lat / 1e5, lon: lon / 1e5 });
    }
    if (segment.length) {
      segments.push(segment);
    }
  }
  return segments;
}
