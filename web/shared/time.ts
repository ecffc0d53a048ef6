import type { UserView } from "./wire";

export type Language = UserView["language"];

/** Longer than this without a position and the truck is said to be silent. */
export const SILENT_AFTER_MS = 10 * 60_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface Words {
  now: string;
  ago: (duration: string) => string;
  silent: (duration: string) => string;
  minutes: string;
  hours: string;
  days: string;
  today: string;
  tomorrow: string;
  yesterday: string;
  months: string[];
}

const WORDS: Record<Language, Words> = {
  ru: {
    now: "только что",
    ago: (duration) => `${duration} назад`,
    silent: (duration) => `нет связи ${duration}`,
    minutes: "мин",
    hours: "ч",
    days: "дн",
    today: "сегодня",
    tomorrow: "завтра",
    yesterday: "вчера",
    months: ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
  },
  en: {
    now: "just now",
    ago: (duration) => `${duration} ago`,
    silent: (duration) => `no signal for ${duration}`,
    minutes: "min",
    hours: "h",
    days: "d",
    today: "today",
    tomorrow: "tomorrow",
    yesterday: "yesterday",
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
  },
  ky: {
    now: "азыр эле",
    ago: (duration) => `${duration} мурун`,
    silent: (duration) => `${duration} байланыш жок`,
    minutes: "мүн",
    hours: "саат",
    days: "күн",
    today: "бүгүн",
    tomorrow: "эртең",
    yesterday: "кечээ",
    months: ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
  },
};

/** "40 мин", "3 ч 10 мин", "2 дн 4 ч"; never less than a minute. */
export function durationWords(durationMs: number, language: Language): string {
  const words = WORDS[language];
  const minutes = Math.max(1, Math.round(durationMs / MINUTE_MS));
  if (minutes < 60) {
    return `${minutes} ${words.minutes}`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return joined(hours, words.hours, minutes % 60, words.minutes);
  }
  return joined(Math.floor(hours / 24), words.days, hours % 24, words.hours);
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small ? `${large} ${largeUnit} ${small} ${smallUnit}` : `${large} ${largeUnit}`;
}

/** "только что", "2 мин назад". */
export function ageWords(ageMs: number, language: Language): string {
  const words = WORDS[language];
  return ageMs < MINUTE_MS ? words.now : words.ago(durationWords(ageMs, language));
}

/** The age of a truck's last fix: "2 мин назад" while it is heard, "нет связи 40 мин" when it is not. */
export function fixAgeWords(ageMs: number, language: Language): string {
  return ageMs < SILENT_AFTER_MS ? ageWords(ageMs, language) : WORDS[language].silent(durationWords(ageMs, language));
}

/** "18:40" on the wall of the given time zone. */
export function clockTime(ms: number, timezone: string): string {
  const wall = wallParts(ms, timezone);
  return `${padded(wall.hour)}:${padded(wall.minute)}`;
}

/** "сегодня", "завтра", "вчера" or "14 окт"; the year only when it is another one. */
export function dayWords(ms: number, timezone: string, language: Language, nowMs: number): string {
  const words = WORDS[language];
  const day = wallParts(ms, timezone);
  const today = wallParts(nowMs, timezone);
  const ahead = Math.round((dayNumber(day) - dayNumber(today)) / DAY_MS);
  if (ahead === 0) {
    return words.today;
  }
  if (ahead === 1) {
    return words.tomorrow;
  }
  if (ahead === -1) {
    return words.yesterday;
  }
  const date =
    language === "en" ? `${words.months[day.month - 1]} ${day.day}` : `${day.day} ${words.months[day.month - 1]}`;
  return day.year === today.year ? date : `${date} ${day.year}`;
}

/** "сегодня 18:40". */
export function dayTime(ms: number, timezone: string, language: Language, nowMs: number): string {
  return `${dayWords(ms, timezone, language, nowMs)} ${clockTime(ms, timezone)}`;
}

/** A time window in words: "14 окт 08:00–18:00", "до 14 окт 18:00"-like halves are shown by an open dash. */
export function windowWords(
  fromMs: number | null,
  toMs: number | null,
  timezone: string,
  language: Language,
  nowMs: number,
): string {
  if (fromMs === null && toMs === null) {
    return "";
  }
  if (fromMs === null) {
    return `– ${dayTime(toMs as number, timezone, language, nowMs)}`;
  }
  const from = dayTime(fromMs, timezone, language, nowMs);
  if (toMs === null) {
    return `${from} –`;
  }
  const sameDay = dayNumber(wallParts(fromMs, timezone)) === dayNumber(wallParts(toMs, timezone));
  return sameDay ? `${from}–${clockTime(toMs, timezone)}` : `${from} – ${dayTime(toMs, timezone, language, nowMs)}`;
}

/** "UTC+6" at the given moment. */
export function zoneLabel(timezone: string, ms: number): string {
  const offset = offsetMinutes(ms, timezone);
  const hours = Math.trunc(Math.abs(offset) / 60);
  const minutes = Math.abs(offset) % 60;
  return `UTC${offset < 0 ? "−" : "+"}${hours}${minutes ? `:${padded(minutes)}` : ""}`;
}

/** "2026-10-14 08:00:00" on the wall of a zone, for date pickers. */
export function wallText(ms: number, timezone: string): string {
  const wall = wallParts(ms, timezone);
  return `${wall.year}-${padded(wall.month)}-${padded(wall.day)} ${padded(wall.hour)}:${padded(wall.minute)}:00`;
}

/** Milliseconds since 1970 of a wall time ("2026-10-14 08:00" or with seconds or a T) in a zone. */
export function wallMs(text: string, timezone: string): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = text.split(/\D+/).map(Number);
  const asUtc = Date.UTC(year, month - 1, day, hour, minute);
  const guess = asUtc - offsetMinutes(asUtc, timezone) * MINUTE_MS;
  return asUtc - offsetMinutes(guess, timezone) * MINUTE_MS;
}

/** ISO 8601 text of the wire to milliseconds; null stays null. */
export function instantMs(text: string | null | undefined): number | null {
  return text ? Date.parse(text) : null;
}

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallParts(ms: number, timezone: string): Wall {
  const parts = Object.fromEntries(
    zoneFormat(timezone)
      .formatToParts(ms)
      .map((part) => [part.type, Number(part.value)]),
  );
  return {
    year: parts.year ?? 1970,
    month: parts.month ?? 1,
    day: parts.day ?? 1,
    hour: parts.hour ?? 0,
    minute: parts.minute ?? 0,
  };
}

function zoneFormat(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known) {
    return known;
  }
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: knownZone(timezone),
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  formats.set(timezone, format);
  return format;
}

/** A browser older than the zone's name must still draw the page. */
function knownZone(timezone: string): string {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: timezone });
    return timezone;
  } catch {
    return "UTC";
  }
}

function offsetMinutes(ms: number, timezone: string): number {
  const wall = wallParts(ms, timezone);
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  return Math.round((asUtc - Math.floor(ms / MINUTE_MS) * MINUTE_MS) / MINUTE_MS);
}

const dayNumber = (wall: Wall): number => Date.UTC(wall.year, wall.month - 1, wall.day);
const padded = (value: number): string => String(value).padStart(2, "0");
