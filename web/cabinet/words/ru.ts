import { drivers } from "./ru/drivers";
import { shares } from "./ru/shares";
import { shell } from "./ru/shell";
import { stops } from "./ru/stops";
import { trips } from "./ru/trips";

/** Every text of the cabinet in Russian. */
export const ru = { ...shell, ...trips, ...stops, ...shares, ...drivers };
