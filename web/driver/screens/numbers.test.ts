import { expect, it } from "vitest";
import { numbersIn } from "./numbers";

it("finds telephone numbers as people write them", () => {
  expect(numbersIn("Ворота 7, спросить Айбека: +996 (700) 11-22-33, до 18:00")).toEqual([
    { at: 0, said: "Ворота 7, спросить Айбека: ", number: null },
    { at: 27, said: "+996 (700) 11-22-33", number: "+996700112233" },
    { at: 46, said: ", до 18:00", number: null },
  ]);
  expect(numbersIn("0700112233").map(({ number }) => number)).toEqual(["0700112233"]);
});

it("takes no weight, price or date for a number", () => {
  expect(numbersIn("22 000 кг, 45 000 сом, 25.11.2026 08:00").every(({ number }) => number === null)).toBe(true);
});
