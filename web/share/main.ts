import { ageWords, type Language } from "../shared/time";
import type { PositionView, PublicTrip } from "../shared/wire";
import { byId, element } from "./element";
import { Feed } from "./feed";
import { merged, newer } from "./merge";
import { Page, showLanguages } from "./page";
import { hideSentence, showSentence } from "./sentence";
import { summarise, titleOf } from "./summary";
import { TripMap } from "./tripMap";
import { WORDS } from "./words";

const LANGUAGE_KEY = "language";
const TICK_MS = 10_000;

type State = "opening" | "shown" | "closed" | "unreachable" | "busy";

let state: State = "opening";
let language = firstLanguage();
let trip: PublicTrip | null = null;
let live = false;
/** The hub's clock minus this machine's, and when the hub was last heard, by this machine's. */
let ahead_ms = 0;
let heardAt_ms = Date.now();
let page: Page | null = null;

const now = () => Date.now() + ahead_ms;

const feed = new Feed(location.hash.slice(1), {
  serverTime(ms) {
    ahead_ms = ms - Date.now();
    heardAt_ms = Date.now();
  },
  trip(next) {
    trip = merged(trip, next);
    heardAt_ms = Date.now();
    state = "shown";
    map.show(trip);
    map.move(trip, now());
    render();
  },
  position(next: PositionView) {
    if (trip && newer(trip.position, next) === next) {
      trip = { ...trip, position: next };
      map.show(trip);
      map.move(trip, now());
      render();
    }
  },
  live(is) {
    live = is;
    render();
  },
  closed() {
    state = "closed";
    trip = null;
    byId("trip").replaceChildren();
    render();
  },
  waiting(busy) {
    if (state !== "shown") {
      state = busy ? "busy" : "unreachable";
      render();
    }
  },
});
void feed.start();
const map = new TripMap(language, WORDS[language]);

function firstLanguage(): Language {
  const wishes = [localStorage.getItem(LANGUAGE_KEY), ...navigator.languages.map((wish) => wish.slice(0, 2))];
  return (wishes.find((wish) => wish && wish in WORDS) as Language | undefined) ?? "ru";
}

function choose(chosen: Language): void {
  language = chosen;
  localStorage.setItem(LANGUAGE_KEY, chosen);
  render();
}

function render(): void {
  const words = WORDS[language];
  document.documentElement.lang = language;
  if (state === "closed" || state === "unreachable" || state === "busy") {
    const languages = element("fieldset", { class: "languages" });
    showLanguages(languages, language, choose);
    showSentence(words[`${state}Title`], words[`${state}Text`], languages);
    return;
  }
  hideSentence();
  showLanguages(byId("languages"), language, choose);
  map.speak(language, words);
  if (trip) {
    page ??= new Page();
    const notice =
      live || Date.now() - heardAt_ms < 2 * TICK_MS ? "" : words.offline(ageWords(Date.now() - heardAt_ms, language));
    page.show(trip.brand, titleOf(trip), summarise(trip, now(), language, words), notice, words);
  } else {
    document.title = words.title;
  }
}

// Ages grow, and a silent truck turns grey, without any word from the hub.
setInterval(() => {
  if (trip && state === "shown") {
    render();
    map.move(trip, now());
  }
}, TICK_MS);

// Another link pasted over this one is another trip.
addEventListener("hashchange", () => location.reload());
render();
