import type { Fix } from "../queue/database";

/** What the phone says of itself beside its place. */
export interface PhoneState {
  battery_pct: number | null;
  charging: boolean | null;
  network: "wlan" | "mobile" | "offline" | "unknown";
}

const CONNECTION: Record<PhoneState["network"], string | undefined> = {
  wlan: "w",
  mobile: "m",
  offline: "o",
  unknown: undefined,
};

const rounded = (value: number, decimals: number) => Math.round(value * 10 ** decimals) / 10 ** decimals;

/** A browser's measurement as OwnTracks writes it (owntracks.org, "JSON"); unknown values are left out. */
export function owntracksFix(position: GeolocationPosition, phone: PhoneState, trigger: "t" | "u", nowMs: number): Fix {
  const { coords } = position;
  return {
    _type: "location",
    lat: rounded(coords.latitude, 6),
    lon: rounded(coords.longitude, 6),
    tst: Math.round(position.timestamp / 1000),
    created_at: Math.round(nowMs / 1000),
    acc: Math.round(coords.accuracy),
    ...(coords.altitude === null ? {} : { alt: Math.round(coords.altitude) }),
    ...(measured(coords.speed) ? { vel: Math.round(coords.speed * 3.6) } : {}),
    ...(measured(coords.heading) ? { cog: Math.round(coords.heading) % 360 } : {}),
    ...(phone.battery_pct === null ? {} : { batt: phone.battery_pct }),
    ...(phone.charging === null ? {} : { bs: phone.battery_pct === 100 ? 3 : phone.charging ? 2 : 1 }),
    ...(CONNECTION[phone.network] ? { conn: CONNECTION[phone.network] } : {}),
    t: trigger,
    m: 2,
  };
}

/** Browsers say null or NaN where they do not know. */
const measured = (value: number | null): value is number => value !== null && Number.isFinite(value);
