import { describe, expect, it } from "vitest";
import { ageWords, dayTime, fixAgeWords, wallMs, wallText, windowWords, zoneLabel } from "./time";

const NOW = Date.UTC(2026, 9, 14, 12, 0);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("the age of a fix in words", () => {
  it.each([
    ["ru", 30_000, "только что"],
    ["ru", 2 * MINUTE, "2 мин назад"],
    ["ru", 40 * MINUTE, "нет связи 40 мин"],
    ["ru", 3 * HOUR + 10 * MINUTE, "нет связи 3 ч 10 мин"],
    ["ru", 52 * HOUR, "нет связи 2 дн 4 ч"],
    ["en", 2 * MINUTE, "2 min ago"],
    ["en", 40 * MINUTE, "no signal for 40 min"],
    ["ky", 2 * MINUTE, "2 мүн мурун"],
    ["ky", 40 * MINUTE, "40 мүн байланыш жок"],
  ] as const)("says in %s of %d ms: %s", (language, age, words) => {
    expect(fixAgeWords(age, language)).toBe(words);
  });

  it("never says that something is silent where only its age is asked", () => {
    expect(ageWords(40 * MINUTE, "ru")).toBe("40 мин назад");
  });

  it("carries a rounded hour over instead of saying 60 minutes", () => {
    expect(ageWords(59.7 * MINUTE, "ru")).toBe("1 ч назад");
  });
});

describe("a moment on the wall of a stop", () => {
  it("speaks of today, tomorrow and yesterday by the stop's own midnight", () => {
    const late = Date.UTC(2026, 9, 14, 19, 30);
    expect(dayTime(late, "Asia/Bishkek", "ru", NOW)).toBe("завтра 01:30");
    expect(dayTime(late, "Europe/Moscow", "ru", NOW)).toBe("сегодня 22:30");
    expect(dayTime(NOW - 20 * HOUR, "Asia/Bishkek", "en", NOW)).toBe("yesterday 22:00");
  });

  it("names the date further away, and the year only when it is another", () => {
    expect(dayTime(Date.UTC(2026, 9, 20, 3), "Asia/Bishkek", "ru", NOW)).toBe("20 окт 09:00");
    expect(dayTime(Date.UTC(2027, 0, 5, 3), "Asia/Bishkek", "en", NOW)).toBe("Jan 5 2027 09:00");
  });

  it("survives a time zone this browser does not know", () => {
    expect(dayTime(NOW, "Asia/Nowhere", "ru", NOW)).toBe("сегодня 12:00");
  });

  it("labels zones with whole and half hours", () => {
    expect(zoneLabel("Asia/Bishkek", NOW)).toBe("UTC+6");
    expect(zoneLabel("Asia/Kolkata", NOW)).toBe("UTC+5:30");
  });
});

describe("a time window", () => {
  const from = Date.UTC(2026, 9, 14, 2);
  it("names the day once when both ends share it", () => {
    expect(windowWords(from, from + 10 * HOUR, "Asia/Bishkek", "ru", NOW)).toBe("сегодня 08:00–18:00");
  });

  it("names both days when it runs over midnight", () => {
    expect(windowWords(from, from + 30 * HOUR, "Asia/Bishkek", "ru", NOW)).toBe("сегодня 08:00 – завтра 14:00");
  });

  it("leaves out the end that is not known", () => {
    expect(windowWords(null, from, "Asia/Bishkek", "ru", NOW)).toBe("– сегодня 08:00");
    expect(windowWords(from, null, "Asia/Bishkek", "ru", NOW)).toBe("сегодня 08:00 –");
    expect(windowWords(null, null, "Asia/Bishkek", "ru", NOW)).toBe("");
  });
});

describe("wall time of a picker", () => {
  it("comes back as it went", () => {
    for (const zone of ["Asia/Bishkek", "Asia/Urumqi", "America/New_York", "Europe/Berlin"]) {
      expect(wallMs(wallText(NOW, zone), zone)).toBe(NOW);
    }
  });

  it("is right on the day the clocks change", () => {
    expect(wallMs("2026-03-29 12:00", "Europe/Berlin")).toBe(Date.UTC(2026, 2, 29, 10));
    expect(wallMs("2026-03-28 12:00", "Europe/Berlin")).toBe(Date.UTC(2026, 2, 28, 11));
  });
});
