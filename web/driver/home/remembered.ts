import type { DriverHome } from "../../shared/wire";

/** The hub's last answer with the moment it came: the page opens with it where there is no network. */
export interface RememberedHome {
  home: DriverHome;
  atMs: number;
}

const HOME = "driver.home";
const TRACKING = "driver.tracking";
const LEAVING = "driver.leaving";

export function rememberHome(home: DriverHome, atMs: number): void {
  try {
    localStorage.setItem(HOME, JSON.stringify({ home, atMs } satisfies RememberedHome));
  } catch {
    // No room: the page then needs the network to open, nothing else is lost.
    localStorage.removeItem(HOME);
  }
}

export function rememberedHome(): RememberedHome | null {
  try {
    return JSON.parse(localStorage.getItem(HOME) ?? "null") as RememberedHome | null;
  } catch {
    return null;
  }
}

export function forgetHome(): void {
  localStorage.removeItem(HOME);
  localStorage.removeItem(TRACKING);
}

/** The driver signed out where there was no network: the session is still open at the hub. */
export const isLeaving = (): boolean => localStorage.getItem(LEAVING) === "1";

export function rememberLeaving(leaving: boolean): void {
  localStorage.setItem(LEAVING, leaving ? "1" : "0");
}

/** Whether recording was on: a page that was closed or reloaded goes on by itself. */
export const wasTracking = (): boolean => localStorage.getItem(TRACKING) === "1";

export function rememberTracking(on: boolean): void {
  localStorage.setItem(TRACKING, on ? "1" : "0");
}
