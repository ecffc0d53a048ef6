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
