import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dictionaries } from "./dictionaries";

const FOLDER = join(import.meta.dirname, "..");
const SOURCES = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("words") && !name.includes(".test."))
  .map((name) => readFileSync(join(FOLDER, name), "utf8"));
const { ru } = dictionaries;
const PLURAL = /_(one|few|many|other)$/;

describe("the texts of the cabinet", () => {
  it.each(["en", "ky"] as const)("have every key in %s too, and none besides", (language) => {
    expect(Object.keys(dictionaries[language]).sort()).toEqual(Object.keys(ru).sort());
  });

  it.each(["en", "ky"] as const)("name the same figures in %s", (language) => {
    const figures = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1]).sort();
    for (const [key, text] of Object.entries(ru)) {
      expect({ key, figures: figures(dictionaries[language][key] ?? "") }).toEqual({ key, figures: figures(text) });
    }
  });

  it("are all there that the pages ask for", () => {
    const asked = SOURCES.flatMap((source) =>
      [...source.matchAll(/\bt\(\s*"([^"]+)"/g)].map((match) => match[1] ?? ""),
    );
    const known = new Set(Object.keys(ru).map((key) => key.replace(PLURAL, "")));
    expect(asked.length).toBeGreaterThan(150);
    expect(asked.filter((key) => !known.has(key))).toEqual([]);
  });
});
