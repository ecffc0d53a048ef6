import { byId, element } from "./element";
import { icon } from "./icon";

/** In place of the trip the page says one thing: the link is closed, or the hub cannot be reached. */
export function showSentence(title: string, text: string, languages: HTMLElement): void {
  document.title = title;
  hideSentence();
  byId("trip").hidden = true;
  const broken = icon(
    "M9 15l6-6",
    "M11 6l1-1a4 4 0 0 1 6 6l-1 1",
    "M13 18l-1 1a4 4 0 0 1-6-6l1-1",
    "M3 3l3 3",
    "M18 18l3 3",
  );
  const said = element("p", { role: "status" }, text);
  document.body.prepend(
    element("main", { id: "sentence", class: "closed" }, broken, element("h1", {}, title), said, languages),
  );
}

/** Back to the trip. */
export function hideSentence(): void {
  document.getElementById("sentence")?.remove();
  byId("trip").hidden = false;
}
