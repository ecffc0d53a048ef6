import type { StyleSpecification } from "maplibre-gl";
import type { Language } from "../time";
import type { MapSettings } from "../wire";

export type Theme = "light" | "dark";

const PROBE_MS = 2_000;
const answers = new Map<string, Promise<boolean>>();

/** Whether this browser reaches an address within two seconds; asked once a page. */
export function reaches(url: string): Promise<boolean> {
  const known = answers.get(url);
  if (known) {
    return known;
  }
  const answer = fetch(url, { signal: AbortSignal.timeout(PROBE_MS), referrerPolicy: "no-referrer" })
    .then((response) => response.ok)
    .catch(() => false);
  answers.set(url, answer);
  return answer;
}

/**
 * The basemap to draw: the operator's style or tiles where set, else a public style where this browser reaches it,
 * else the embedded one, which needs nothing but the hub itself.
 */
export async function basemapStyle(
  settings: MapSettings,
  language: Language,
  theme: Theme,
): Promise<string | StyleSpecification> {
  if (settings.style_url) {
    return settings.style_url;
  }
  const { embeddedStyle } = await import("../basemap/style");
  if (settings.pmtiles_url) {
    return embeddedStyle(language, theme, settings.pmtiles_url);
  }
  if (settings.public_style_url && (await reaches(settings.public_style_url))) {
    return settings.public_style_url;
  }
  return embeddedStyle(language, theme);
}
