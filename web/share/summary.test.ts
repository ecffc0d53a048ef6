import { describe, expect, it } from "vitest";
import type { PublicTrip } from "../shared/wire";
import { summarise, titleOf } from "./summary";
import { aTrip, NOON_MS } from "./trip.fixture";
import { WORDS } from "./words";

const said = (change: Partial<PublicTrip> = {}, nowMs = NOON_MS) =>
  summarise({ ...aTrip(), ...change }, nowMs, "ru", WORDS.ru);

// The reader sits in Bishkek.
process.env.TZ = "Asia/Bishkek";

describe("a truck on its way", () => {
  it("is said in one look: where to, how far, when, and how old that is", () => {
    const summary = said();
    expect(titleOf(aTrip())).toBe("Бишкек → Ош");
    expect(summary.stage).toBe("В пути");
    expect(summary.arrival).toMatchObject({
      time: "≈ сегодня 18:40",
      detail: "осталось 214 км · посчитано 2 мин назад",
      verdict: "успевает к окну выгрузки",
    });
    expect(summary.freshness).toMatchObject({ words: "Данные 2 мин назад · 72 км/ч", tone: "good" });
    expect(summary.progress).toMatchObject({ words: "пройдено 386 из 600 км" });
  });

  it("names the zone of the arrival when it is not the reader's", () => {
    const trip = aTrip();
    trip.stops = trip.stops.map((stop) => ({ ...stop, timezone: "Asia/Shanghai" }));
    const { arrival } = summarise(trip, NOON_MS, "ru", WORDS.ru);
    expect(arrival?.time).toBe("≈ сегодня 20:40");
    expect(arrival?.label).toBe("Ожидаемое прибытие, время UTC+8");
  });

  it("is late when it will be there after the window", () => {
    const position = { ...aTrip().position!, eta_at_ms: NOON_MS + 560 * 60_000 };
    expect(said({ position }).arrival).toMatchObject({ verdict: "позже окна на 1 ч 20 мин", tone: "warn" });
  });

  it("is silent after ten minutes, with the reason that is likely", () => {
    const freshness = said({}, NOON_MS + 38 * 60_000).freshness;
    expect(freshness.words).toBe("Нет связи 40 мин");
    expect(freshness.why).toContain("На перевалах");
    expect(freshness.tone).toBe("warn");
  });

  it("has no time of arrival before one was computed", () => {
    const { eta_at_ms: _, ...position } = aTrip().position!;
    expect(said({ position }).arrival?.time).toBe("—");
  });

  it("says that a route is approximate", () => {
    const route = { ...aTrip().route!, approximate: true };
    expect(said({ route }).progress?.words).toContain("маршрут примерный");
  });

  it("stands when it does not move", () => {
    expect(said({ position: { ...aTrip().position!, speed_mps: 0.4 } }).freshness.words).toContain("стоит");
  });

  it("waits for the first position", () => {
    expect(said({ position: null }).freshness.words).toBe(WORDS.ru.noPosition);
  });
});

describe("stops", () => {
  it("show who saw the truck come and go, on the stop's own clock", () => {
    const [loading, unloading] = said().stops;
    expect(loading?.state).toBe("done");
    expect(loading?.lines).toContainEqual(["Прибыл", "сегодня 07:10", "по GPS"]);
    expect(loading?.lines).toContainEqual(["Уехал", "сегодня 08:10", "отметил водитель"]);
    expect(unloading).toMatchObject({ state: "ahead", number: 2 });
  });

  it("show where the truck stands now", () => {
    const trip = aTrip();
    const stops = [{ ...trip.stops[0]!, departed_at: null }, trip.stops[1]!];
    const summary = said({ stage: "at_loading", stops });
    expect(summary.stops[0]?.state).toBe("here");
    expect(summary.where).toBe("Бишкек, с 07:10");
  });
});

describe("the end", () => {
  const trip = aTrip();
  const reached = new Date(NOON_MS).toISOString();
  const stops = [trip.stops[0]!, { ...trip.stops[1]!, arrived_at: reached, departed_at: null }];

  it("sums a delivery up", () => {
    const summary = said({ stage: "delivered", stops, delivered_at: reached });
    expect(summary.where).toBe("Сдан получателю сегодня 12:00");
    expect(summary.arrival).toBeNull();
    expect(summary.freshness.words).toBe("");
    expect(summary.stops[1]?.state).toBe("done");
    expect(summary.facts).toContainEqual(["В пути", "3 ч 50 мин · в срок"]);
    expect(summary.facts).toContainEqual(["Маршрут", "600 км"]);
  });

  it("says by how much a delivery was late", () => {
    const late = [stops[0]!, { ...stops[1]!, window_to: new Date(NOON_MS - 30 * 60_000).toISOString() }];
    expect(said({ stage: "delivered", stops: late }).facts).toContainEqual([
      "В пути",
      "3 ч 50 мин · позже срока на 30 мин",
    ]);
  });

  it("says that a trip was called off, without a position", () => {
    expect(said({ stage: "cancelled" })).toMatchObject({ stageTone: "bad", where: WORDS.ru.cancelled, arrival: null });
  });

  it("says when the link closes", () => {
    expect(said({ ends_at: new Date(NOON_MS + 86_400_000).toISOString() }).linkEnds).toBe(
      "Ссылка действует до завтра 12:00",
    );
  });
});

it("speaks every language without a hole", () => {
  for (const [language, words] of Object.entries(WORDS)) {
    const summary = summarise(aTrip(), NOON_MS, language as "ru", words);
    expect(JSON.stringify(summary)).not.toMatch(/undefined|null,"|\[object/);
  }
});
