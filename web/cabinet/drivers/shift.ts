import i18next from "i18next";
import { currentLanguage } from "../../shared/i18n/start";
import { ageWords } from "../../shared/time";
import type { ShiftPlace } from "../../shared/wire";

// Nearer than this a truck is "in" the town.
const IN_TOWN_M = 2_000;

/** "3 мин назад · Балыкчы, 4 км". */
export function placeWords({ fix_time, near, near_m }: ShiftPlace, nowMs: number): string {
  const age = ageWords(nowMs - Date.parse(fix_time), currentLanguage());
  const where =
    near_m !== null && near_m >= IN_TOWN_M
      ? i18next.t("drivers.near", { place: near, km: Math.round(near_m / 1000) })
      : near;
  return [age, where].filter(Boolean).join(" · ");
}
