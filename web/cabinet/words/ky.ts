import { drivers } from "./ky/drivers";
import { shares } from "./ky/shares";
import { shell } from "./ky/shell";
import { stops } from "./ky/stops";
import { trips } from "./ky/trips";

/** Every text of the cabinet in Kyrgyz. */
export const ky = { ...shell, ...trips, ...stops, ...shares, ...drivers };
