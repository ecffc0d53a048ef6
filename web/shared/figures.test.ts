import { expect, it } from "vitest";
import { grouped, kilometres } from "./figures";

it("groups thousands", () => {
  expect(grouped(999)).toBe("999");
  expect(grouped(20_000)).toBe("20\u202f000");
  expect(grouped(-1_234_567.4)).toBe("-1\u202f234\u202f567");
});

it("says a road in whole kilometres, none of them below zero", () => {
  expect(kilometres(1_240_400)).toBe("1\u202f240");
  expect(kilometres(-3)).toBe("0");
});
