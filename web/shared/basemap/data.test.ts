import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { PMTiles, type RangeResponse, type Source } from "pmtiles";
import { describe, expect, it } from "vitest";
import type { BasemapFile } from "../canvas/basemap";
import { decodePolyline } from "../track";
import { embeddedStyle } from "./style";

const file = (name: string) => fileURLToPath(new URL(`../../public/basemap/${name}`, import.meta.url));

/** Reads ranges of a file as the browser would ask the server for them. */
class FileSource implements Source {
  constructor(private readonly path: string) {}

  getKey(): string {
    return this.path;
  }

  async getBytes(offset: number, length: number): Promise<RangeResponse> {
    const bytes = await readFile(this.path);
    const slice = new Uint8Array(bytes.subarray(offset, offset + length));
    return { data: slice.buffer };
  }
}

const tiles = new PMTiles(new FileSource(file("region.pmtiles")));

/** What is written in the tile over a place, as text. */
async function tileText(lon: number, lat: number, zoom: number): Promise<string> {
  const size = 2 ** zoom;
  const x = Math.floor((lon / 360 + 0.5) * size);
  const y = Math.floor((0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * size);
  const tile = await tiles.getZxy(zoom, x, y);
  return tile ? new TextDecoder().decode(tile.data) : "";
}

describe("the embedded tiles", () => {
  it("are small enough to ship", async () => {
    expect((await stat(file("region.pmtiles"))).size).toBeLessThan(6_000_000);
  });

  it("reach from the whole world to zoom 8", async () => {
    const header = await tiles.getHeader();
    expect([header.minZoom, header.maxZoom]).toEqual([0, 8]);
  });

  it("have every layer the style draws", async () => {
    const metadata = (await tiles.getMetadata()) as { vector_layers: { id: string }[] };
    const present = new Set(metadata.vector_layers.map((layer) => layer.id));
    const drawn = embeddedStyle("ru", "light").layers.flatMap((layer) =>
      "source-layer" in layer && layer["source-layer"] ? [layer["source-layer"]] : [],
    );
    expect(drawn.filter((layer) => !present.has(layer))).toEqual([]);
  });

  it.each([
    [74.59, 42.87, "Бишкек"],
    [72.8, 40.53, "Ош"],
    [75.99, 39.47, "Кашкар"],
    [75.395, 40.5535, "Torugart border post"],
    [73.815, 42.336, "Too-Ashuu"],
    [77.25, 42.43, "Ысык-Көл"],
    [37.62, 55.75, "Москва"],
  ])("name what lies at %d, %d: %s", async (lon, lat, name) => {
    expect(await tileText(lon, lat, 8)).toContain(name);
  });
});

describe("the small map's file", () => {
  it("is a matter of kilobytes", async () => {
    const text = await readFile(file("canvas.json"));
    expect(gzipSync(text, { level: 9 }).length).toBeLessThan(16_000);
  });

  it("has lines that can be read and lie in the region", async () => {
    const content = JSON.parse(await readFile(file("canvas.json"), "utf8")) as BasemapFile;
    const lines = [content.border, content.disputed, content.lake, content.river, ...content.road];
    for (const kind of lines) {
      expect(kind.length).toBeGreaterThan(0);
    }
    for (const [lat, lon] of lines.flat().flatMap((line) => decodePolyline(line, 3))) {
      expect(lat).toBeGreaterThanOrEqual(34.9);
      expect(lat).toBeLessThanOrEqual(52.6);
      expect(lon).toBeGreaterThanOrEqual(55.9);
      expect(lon).toBeLessThanOrEqual(92.1);
    }
  });

  it("names the capitals first, in three languages", async () => {
    const content = JSON.parse(await readFile(file("canvas.json"), "utf8")) as BasemapFile;
    const ranks = content.place.map(([, , rank]) => rank);
    expect(ranks).toEqual([...ranks].sort());
    expect(content.place.find(([, , , ru]) => ru === "Душанбе")).toEqual([
      expect.closeTo(38.54, 1),
      expect.closeTo(68.78, 1),
      1,
      "Душанбе",
      "Dushanbe",
      "Дүйшөмбү",
    ]);
    expect(content.place.length).toBeLessThan(120);
  });
});
