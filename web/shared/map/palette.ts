import type { TripView } from "../wire";
import type { Theme } from "./basemap";

export type Stage = TripView["stage"];

export interface Palette {
  stage: Record<Stage, string>;
  stale: string;
  casing: string;
  ink: string;
  planned: string;
  travelled: string;
  plate: string;
  plateInk: string;
  plateLine: string;
  fence: string;
  edit: string;
}

const LIGHT: Palette = {
  stage: {
    assigned: "#52627a",
    at_loading: "#c77400",
    in_transit: "#067264",
    at_unloading: "#6a41c4",
    delivered: "#3f6f2f",
    cancelled: "#7a8691",
    failed: "#b3261e",
  },
  stale: "#8b96a1",
  casing: "#ffffff",
  ink: "#16202a",
  planned: "#2d6fb8",
  travelled: "#067264",
  plate: "#ffffff",
  plateInk: "#16202a",
  plateLine: "#c3ccd3",
  fence: "#c77400",
  edit: "#d4380d",
};

const DARK: Palette = {
  stage: {
    assigned: "#9fb0c8",
    at_loading: "#f0b45c",
    in_transit: "#3fbfae",
    at_unloading: "#b79cf7",
    delivered: "#9ccc85",
    cancelled: "#8e9aa6",
    failed: "#ff8f85",
  },
  stale: "#76828d",
  casing: "#12171c",
  ink: "#e6ecf1",
  planned: "#6cadf0",
  travelled: "#3fbfae",
  plate: "#1d242b",
  plateInk: "#e6ecf1",
  plateLine: "#46525d",
  fence: "#f0b45c",
  edit: "#ff8a65",
};

export const palette = (theme: Theme): Palette => (theme === "dark" ? DARK : LIGHT);
