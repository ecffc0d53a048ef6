import { expect, it } from "vitest";
import { NOW } from "../testing/trips";
import { placeTime } from "./times";

it("names the zone of a place only where it is not the reader's", () => {
  expect(placeTime(NOW, "Asia/Bishkek", "Asia/Bishkek", NOW)).not.toContain("UTC");
  expect(placeTime(NOW, "Asia/Almaty", "Asia/Tashkent", NOW)).not.toContain("UTC");
  expect(placeTime(NOW, "Asia/Shanghai", "Asia/Bishkek", NOW)).toMatch(/\d\d:\d\d UTC\+8$/);
});
