import { describe, expect, it } from "vitest";
import { decodePolyline, decodeTrack, UnknownTrackVersion } from "./track";

// Written by geo.track.encode_track of the points below, with fifty minutes between the two pieces.
const ENCODED = "1,1795432461,g}tdGglcfM?ka@w~@{@zw@ozD{@ngtdGlo_qo@{@ w|ydG}aqqo@ozDowHowH{@owH~xF{@Iobd@oA";

describe("a travelled path", () => {
  it("comes out of what the hub writes, piece by piece", () => {
    expect(decodeTrack(ENCODED)).toEqual([
      [
        { timeS: 1795432461, lat: 42.8746, lon: 74.5698 },
        { timeS: 1795432491, lat: 42.8801, lon: 74.58 },
        { timeS: 1795432521, lat: 42.871, lon: 74.61 },
        { timeS: 1795432551, lat: -0.00012, lon: -179.99999 },
      ],
      [
        { timeS: 1795435551, lat: 42.9, lon: 74.7 },
        { timeS: 1795435581, lat: 42.95, lon: 74.75 },
        { timeS: 1795435611, lat: 43, lon: 74.71 },
        { timeS: 1795435651, lat: 43.00005, lon: 74.9 },
      ],
    ]);
  });

  it("is nothing when there was no point", () => {
    expect(decodeTrack("1,0,")).toEqual([]);
  });

  it("is refused in a version this page does not know", () => {
    expect(() => decodeTrack("2,0,abc")).toThrow(UnknownTrackVersion);
  });
});

describe("an encoded polyline", () => {
  it("decodes the format's own example", () => {
    expect(decodePolyline("_p~iF~ps|U_ulLnnqC_mqNvxq`@")).toEqual([
      [38.5, -120.2],
      [40.7, -120.95],
      [43.252, -126.453],
    ]);
  });

  it("takes fewer decimals", () => {
    expect(decodePolyline("_p~iF~ps|U", 3)).toEqual([[3850, -12020]]);
  });
});
