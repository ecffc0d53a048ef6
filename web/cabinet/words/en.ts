import { drivers } from "./en/drivers";
import { shares } from "./en/shares";
import { shell } from "./en/shell";
import { stops } from "./en/stops";
import { trips } from "./en/trips";

/** Every text of the cabinet in English. */
export const en = { ...shell, ...trips, ...stops, ...shares, ...drivers };
