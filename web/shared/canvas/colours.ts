/** The colours of the small map. Two sets: one for day, one for night. */
export interface Colours {
  land: string;
  water: string;
  border: string;
  borderHalo: string;
  road: string;
  roadCasing: string;
  city: string;
  cityText: string;
  countryText: string;
  waterText: string;
  halo: string;
  planned: string;
  travelled: string;
  travelledCasing: string;
  gap: string;
  stop: string;
  stopDone: string;
  stopText: string;
  truck: string;
  truckStale: string;
  truckText: string;
  accuracy: string;
  fence: string;
  fenceEdge: string;
}

export const DAY: Colours = {
  land: "#f3f1ec",
  water: "#bcd8e8",
  border: "#a59bb0",
  borderHalo: "rgba(165,155,176,.18)",
  road: "#ffffff",
  roadCasing: "#d9d2c5",
  city: "#6b7280",
  cityText: "#374151",
  countryText: "#9086a0",
  waterText: "#5b8aa8",
  halo: "rgba(250,249,246,.92)",
  planned: "#6f9bcd",
  travelled: "#067264",
  travelledCasing: "#ffffff",
  gap: "#067264",
  stop: "#ffffff",
  stopDone: "#067264",
  stopText: "#111827",
  truck: "#067264",
  truckStale: "#7c8792",
  truckText: "#ffffff",
  accuracy: "rgba(6,114,100,.14)",
  fence: "rgba(199,116,0,.16)",
  fenceEdge: "#c77400",
};

export const NIGHT: Colours = {
  land: "#181c22",
  water: "#20384b",
  border: "#6d6480",
  borderHalo: "rgba(109,100,128,.2)",
  road: "#3a424e",
  roadCasing: "#12161b",
  city: "#9aa4b2",
  cityText: "#cbd5e1",
  countryText: "#857b98",
  waterText: "#6fa3c4",
  halo: "rgba(20,24,30,.9)",
  planned: "#5684b5",
  travelled: "#3fbfae",
  travelledCasing: "#0d1117",
  gap: "#3fbfae",
  stop: "#1f2630",
  stopDone: "#3fbfae",
  stopText: "#f1f5f9",
  truck: "#3fbfae",
  truckStale: "#8b95a5",
  truckText: "#0d1117",
  accuracy: "rgba(63,191,174,.18)",
  fence: "rgba(240,180,92,.18)",
  fenceEdge: "#f0b45c",
};
