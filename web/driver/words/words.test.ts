import { expect, it } from "vitest";
import { english } from "./english";
import { kyrgyz } from "./kyrgyz";
import { russian } from "./russian";

/** Every text of a dictionary with its path; functions said with a stand-in. */
function texts(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] => {
    if (typeof value === "object") {
      return texts(value, `${path}${key}.`);
    }
    return [[`${path}${key}`, typeof value === "function" ? value("·", "·") : value]];
  });
}

it("says everything in every language", () => {
  const keys = texts(russian).map(([key]) => key);
  for (const words of [english, kyrgyz]) {
    expect(texts(words).map(([key]) => key)).toEqual(keys);
    expect(texts(words).filter(([, text]) => text.trim() === "")).toEqual([]);
  }
});

it("leaves no Russian in English", () => {
  expect(texts(english).filter(([, text]) => /[а-яё]/i.test(text))).toEqual([]);
});

it("keeps what a text must tell", () => {
  for (const [key, text] of texts(russian)) {
    const same = texts(kyrgyz).find(([other]) => other === key)?.[1] ?? "";
    expect([key, same.includes("·")]).toEqual([key, text.includes("·")]);
  }
});
