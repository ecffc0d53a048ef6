import type { Language } from "../shared/time";
import { byId, element, say } from "./element";
import type { StopSummary, Summary } from "./summary";
import { WORDS, type Words } from "./words";

const LANGUAGES: [Language, string, string][] = [
  ["ru", "Рус", "Русский"],
  ["ky", "Кыр", "Кыргызча"],
  ["en", "Eng", "English"],
];

/** The panel beside the map: made once, then only its texts change. */
export class Page {
  private readonly stage = element("span", { class: "stage", role: "status" });
  private readonly title = element("h1");
  private readonly where = element("p", { class: "where" });
  private readonly label = element("p", { class: "label" });
  private readonly time = element("p", { class: "time" });
  private readonly detail = element("p", { class: "detail" });
  private readonly verdict = element("p", { class: "verdict" });
  private readonly arrival = element("section", { class: "arrival" }, this.label, this.time, this.detail, this.verdict);
  private readonly bar = element("i");
  private readonly driven = element("p");
  private readonly progress = element("section", {}, element("div", { class: "bar" }, this.bar), this.driven);
  private readonly fresh = element("span");
  private readonly why = element("p", { class: "why" });
  private readonly freshness = element("section", { class: "freshness" }, this.fresh, this.why);
  private readonly notice = element("p", { class: "notice warn", role: "status" });
  private readonly stops = element("ol", { class: "stops" });
  private readonly facts = element("dl", { class: "facts" });
  private readonly linkEnds = element("p");
  private readonly only = element("p");
  private readonly drawn = new Map<HTMLElement, string>();

  constructor() {
    byId("content").replaceChildren(
      element("section", {}, this.stage, this.title, this.where),
      this.notice,
      this.arrival,
      this.progress,
      this.freshness,
      this.stops,
      this.facts,
      element("footer", { class: "foot" }, this.linkEnds, this.only),
    );
    byId("trip").removeAttribute("aria-busy");
  }

  show(brand: string, title: string, summary: Summary, notice: string, words: Words): void {
    say(byId("brand"), brand);
    document.title = `${summary.stage} · ${title}`;
    say(this.stage, summary.stage);
    this.stage.className = `stage ${summary.stageTone}`;
    say(this.title, title);
    say(this.where, summary.where);
    say(this.notice, notice);
    this.showArrival(summary);
    this.progress.hidden = summary.progress === null;
    this.bar.style.transform = `scaleX(${summary.progress?.share ?? 0})`;
    say(this.driven, summary.progress?.words ?? "");
    say(this.fresh, summary.freshness.words);
    say(this.why, summary.freshness.why);
    this.freshness.className = `freshness ${summary.freshness.tone}`;
    this.freshness.hidden = summary.freshness.words === "";
    this.renew(this.stops, summary.stops, stopItem);
    this.renew(this.facts, summary.facts, factPair);
    say(this.linkEnds, summary.linkEnds);
    say(this.only, words.only);
  }

  private showArrival({ arrival }: Summary): void {
    this.arrival.hidden = arrival === null;
    if (arrival) {
      say(this.label, arrival.label);
      say(this.time, arrival.time);
      say(this.detail, arrival.detail);
      say(this.verdict, arrival.verdict);
      this.verdict.className = `verdict ${arrival.tone}`;
    }
  }

  /** Draws a list again only when something in it changed. */
  private renew<Item>(list: HTMLElement, items: Item[], draw: (item: Item) => Node[]): void {
    const content = JSON.stringify(items);
    if (this.drawn.get(list) !== content) {
      this.drawn.set(list, content);
      list.replaceChildren(...items.flatMap(draw));
    }
  }
}

function stopItem(stop: StopSummary): Node[] {
  const lines = stop.lines.flatMap(([name, value, note]) => [
    element("dt", {}, name),
    element("dd", {}, value, ...(note ? [" ", element("small", {}, note)] : [])),
  ]);
  const item = element(
    "li",
    { class: `stop ${stop.state}` },
    element("span", { class: "mark", "aria-hidden": "true" }, stop.state === "done" ? "✓" : String(stop.number)),
    element("h2", {}, stop.name, " ", element("span", {}, stop.kind)),
    element("dl", {}, ...lines),
  );
  if (stop.state === "here") {
    item.setAttribute("aria-current", "step");
  }
  return [item];
}

const factPair = ([name, value]: [string, string]): Node[] => [element("dt", {}, name), element("dd", {}, value)];

/** The language buttons; `choose` is told of every press. Drawn anew only for another choice, so that focus stays. */
export function showLanguages(group: HTMLElement, chosen: Language, choose: (language: Language) => void): void {
  if (group.lang === chosen) {
    return;
  }
  group.lang = chosen;
  group.setAttribute("aria-label", WORDS[chosen].language);
  group.replaceChildren(
    ...LANGUAGES.map(([language, short, whole]) => {
      const button = element(
        "button",
        { type: "button", lang: language, "aria-label": whole, "aria-pressed": String(language === chosen) },
        short,
      );
      button.addEventListener("click", () => choose(language));
      return button;
    }),
  );
}
