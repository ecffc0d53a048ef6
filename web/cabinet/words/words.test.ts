import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type {
  DeviceView,
  EndTrip,
  EventView,
  NewMark,
  PlaceView,
  Silence,
  StopView,
  TripView,
} from "../../shared/wire";
import type { Warning } from "../trip/status";
import { dictionaries } from "./dictionaries";

const FOLDER = join(import.meta.dirname, "..");
const SOURCES = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("words") && !name.includes(".test."))
  .map((name) => readFileSync(join(FOLDER, name), "utf8"));
const { ru } = dictionaries;
const WARNINGS = { silent: true, late: true, low_battery: true, implausible: true } as const;
const PLURAL = /_(one|few|many|other)$/;

/** Keys for a prefix and all values of a type: a value the wire gains does not compile until it is listed here. */
const keysOf = <T extends string>(prefix: string, values: Record<T, true>, suffix = ""): Record<string, true> =>
  Object.fromEntries(Object.keys(values).map((value) => [`${prefix}.${value}${suffix}`, true]));

const SOURCES_OF_VISITS = { gps: true, driver: true, dispatcher: true, silence: true, gap: true } as const;
const STOPS = { loading: true, unloading: true } as const;
const SAID = {
  ...keysOf<NonNullable<Silence["reason"]> | "unknown">("silence", {
    never_connected: true,
    phone_offline: true,
    battery: true,
    outside_window: true,
    no_signal: true,
    no_fix: true,
    unknown: true,
  }),
  ...keysOf<NonNullable<StopView["arrived_source"] | StopView["departed_source"]>>("source", SOURCES_OF_VISITS),
  ...keysOf<EventView["source"]>("source", { ...SOURCES_OF_VISITS, hub: true }),
  ...keysOf<TripView["stage"]>("stage", {
    assigned: true,
    at_loading: true,
    in_transit: true,
    at_unloading: true,
    delivered: true,
    cancelled: true,
    failed: true,
  }),
  ...keysOf("ended", { delivered: true, cancelled: true, failed: true }),
  ...keysOf<StopView["kind"]>("stopKind", STOPS),
  ...keysOf<NewMark["kind"]>("visit", { arrived: true, departed: true }),
  ...keysOf<StopView["kind"]>("mark.arrived", STOPS),
  ...keysOf<StopView["kind"]>("mark.departed", STOPS),
  ...keysOf<EventView["kind"]>("event", {
    published: true,
    expired: true,
    assigned: true,
    approaching_50km: true,
    approaching_5km: true,
    arrived: true,
    departed: true,
    delivered: true,
    silent: true,
    resumed: true,
    low_battery: true,
    implausible: true,
    cancelled: true,
    failed: true,
  }),
  ...keysOf<Warning>("warning", WARNINGS),
  ...keysOf<Warning>("warning", WARNINGS, ".long"),
  ...keysOf<Exclude<PlaceView["kind"], "city">>("place", { border: true, dry_port: true }),
  ...keysOf<DeviceView["kind"]>("devices.kind", { app: true, owntracks: true, traccar: true }),
  ...keysOf<EndTrip["action"]>("end", { cancel: true, fail: true }, ".title"),
};

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

  it("have one for everything the hub may say of a trip", () => {
    expect(Object.keys(SAID).filter((key) => !(key in ru))).toEqual([]);
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
