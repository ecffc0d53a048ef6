export type BasemapTheme = "light" | "dark";

/** Colours of the ground: quiet, so that trucks and routes are what one sees. */
export interface GroundColours {
  land: string;
  builtUp: string;
  water: string;
  waterLine: string;
  waterLabel: string;
  province: string;
  border: string;
  borderHalo: string;
  roadMain: string;
  roadMainCasing: string;
  roadOther: string;
  roadMinor: string;
  country: string;
  city: string;
  town: string;
  post: string;
  halo: string;
}

const LIGHT: GroundColours = {
  land: "#f1f1ec",
  builtUp: "#e2dfd6",
  water: "#c2d9e8",
  waterLine: "#aecbde",
  waterLabel: "#5b86a3",
  province: "#d9d8d1",
  border: "#a3a1ad",
  borderHalo: "#e3e2e6",
  roadMain: "#ffffff",
  roadMainCasing: "#b8b2a3",
  roadOther: "#d2cfc4",
  roadMinor: "#dedcd3",
  country: "#8a8794",
  city: "#333a42",
  town: "#5d656d",
  post: "#8a5a2b",
  halo: "#f7f7f3",
};

const DARK: GroundColours = {
  land: "#171c22",
  builtUp: "#222931",
  water: "#0f2a3b",
  waterLine: "#1d3b4f",
  waterLabel: "#5f8ba6",
  province: "#262d34",
  border: "#565f6b",
  borderHalo: "#20272e",
  roadMain: "#52606d",
  roadMainCasing: "#3a4550",
  roadOther: "#333c45",
  roadMinor: "#293138",
  country: "#77818c",
  city: "#d3dae0",
  town: "#9aa5af",
  post: "#d9a56c",
  halo: "#12161b",
};

export const groundColours = (theme: BasemapTheme): GroundColours => (theme === "dark" ? DARK : LIGHT);
