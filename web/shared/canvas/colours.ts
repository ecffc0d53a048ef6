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
  planned: "#7d9cc4",
  travelled: "#1f6feb",
  travelledCasing: "#ffffff",
  gap: "#1f6feb",
  stop: "#ffffff",
  stopDone: "#15803d",
  stopText: "#111827",
  truck: "#1f6feb",
  truckStale: "#7b8494",
  truckText: "#ffffff",
  accuracy: "rgba(31,111,235,.14)",
  fence: "rgba(21,128,61,.14)",
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
  planned: "#5d7ba6",
  travelled: "#5b9dff",
  travelledCasing: "#0d1117",
  gap: "#5b9dff",
  stop: "#1f2630",
  stopDone: "#3fb96b",
  stopText: "#f1f5f9",
  truck: "#5b9dff",
  truckStale: "#8b95a5",
  truckText: "#0d1117",
  accuracy: "rgba(91,157,255,.18)",
  fence: "rgba(63,185,107,.16)",
};
