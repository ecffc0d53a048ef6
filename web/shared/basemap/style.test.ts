import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { describe, expect, it } from "vitest";
import { embeddedStyle } from "./style";

const LANGUAGES = ["ru", "en", "ky"] as const;
const THEMES = ["light", "dark"] as const;

describe("the embedded basemap's style", () => {
  for (const language of LANGUAGES) {
    for (const theme of THEMES) {
      it(`is valid in ${language}, ${theme}`, () => {
        expect(validateStyleMin(embeddedStyle(language, theme))).toEqual([]);
        expect(validateStyleMin(embeddedStyle(language, theme, "/basemap/operator.pmtiles"))).toEqual([]);
      });
    }
  }

  it("names places in the language asked for and no other", () => {
    const text = JSON.stringify(embeddedStyle("ky", "light"));
    expect(text).toContain("name_ky");
    expect(text).not.toContain("name_ru");
  });

  it("falls back to Russian names where an operator's file has no Kyrgyz ones", () => {
    const text = JSON.stringify(embeddedStyle("ky", "light", "/basemap/operator.pmtiles"));
    expect(text.indexOf("name:ky")).toBeLessThan(text.indexOf("name:ru"));
    expect(JSON.stringify(embeddedStyle("en", "light", "/basemap/operator.pmtiles"))).not.toContain("name:ru");
  });

  it("needs no fonts, pictures or tiles from elsewhere", () => {
    const style = embeddedStyle("ru", "light");
    expect(style.glyphs).toBeUndefined();
    expect(style.sprite).toBeUndefined();
    expect(Object.values(style.sources)).toEqual([
      expect.objectContaining({ url: expect.stringMatching(/^pmtiles:\/\/http:\/\/localhost(:\d+)?\/basemap\//) }),
    ]);
  });

  it("reads an operator's own tiles when there are some", () => {
    const style = embeddedStyle("ru", "light", "https://maps.example/kg.pmtiles");
    expect(style.sources.ground).toMatchObject({ url: "pmtiles://https://maps.example/kg.pmtiles" });
    expect(style.layers.map((layer) => ("source-layer" in layer ? layer["source-layer"] : ""))).toContain("roads");
  });

  it("gives both themes the same layers", () => {
    const [light = [], dark] = THEMES.map((theme) => embeddedStyle("ru", theme).layers.map((layer) => layer.id));
    expect(light).toEqual(dark);
    expect(new Set(light).size).toBe(light.length);
  });
});
