import type { DriverHome } from "../../shared/wire";

/** The hub's last answer with the moment it came: the page opens with it where there is no network. */
export interface RememberedHome {
  home: DriverHome;
  atMs: number;
}

const HOME = "driver.home";
const TRACKING = "driver.tracking";
const LEAVING = "driver.leaving";
const READ_END = "driver.read_end";
const PASSWORD = "driver.password";

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

/** The last ended trip of which the driver has said that he knows. */
export const readEnd = (): number => Number(localStorage.getItem(READ_END) ?? 0);

export function rememberReadEnd(tripId: number): void {
  localStorage.setItem(READ_END, String(tripId));
}

/** Whether whoever was signed in last has a password: the form for it is offered to no one else. */
export const hadPassword = (): boolean => localStorage.getItem(PASSWORD) === "1";

export function rememberPassword(has: boolean): void {
  localStorage.setItem(PASSWORD, has ? "1" : "0");
}

/** Whether recording was on: a page that was closed or reloaded goes on by itself. */
export const wasTracking = (): boolean => localStorage.getItem(TRACKING) === "1";

export function rememberTracking(on: boolean): void {
  localStorage.setItem(TRACKING, on ? "1" : "0");
}
