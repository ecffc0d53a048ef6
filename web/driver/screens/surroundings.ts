import { createContext, useContext, useEffect, useState, useSyncExternalStore } from "react";
import type { Language } from "../../shared/time";
import type { Cab } from "../home/cab";
import { english } from "../words/english";
import { kyrgyz } from "../words/kyrgyz";
import { russian, type Words } from "../words/russian";

export const WORDS: Record<Language, Words> = { ru: russian, en: english, ky: kyrgyz };

/** What every screen may reach. */
export interface Surroundings {
  cab: Cab;
  language: Language;
  words: Words;
  choose: (language: Language) => void;
}

export const SurroundingsContext = createContext<Surroundings | null>(null);

/** The cab as it is now; the screen is drawn again on every change of it. */
export function useSurroundings(): Surroundings {
  const found = useContext(SurroundingsContext);
  if (!found) {
    throw new Error("a screen outside of the page");
  }
  useSyncExternalStore(found.cab.subscribe, () => found.cab.version);
  return found;
}

/** The time, anew every so many milliseconds: ages grow without any event. */
export function useNow(everyMs = 5_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** "1 240" with thin spaces. */
export const counted = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
