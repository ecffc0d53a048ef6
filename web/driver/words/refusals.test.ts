import { expect, it } from "vitest";
import { HttpError } from "../../shared/http";
import { kyrgyz } from "./kyrgyz";
import { refusalWords } from "./refusals";
import { russian } from "./russian";

const refusal = (status: number, code: string) =>
  new HttpError(status, { type: `/problems/${code}`, detail: "the hub's own English" });

it("says why in the driver's language", () => {
  expect(refusalWords(refusal(409, "trip_finished"), russian)).toBe("рейс уже завершён.");
  expect(refusalWords(refusal(409, "too_many_devices"), kyrgyz)).toContain("Түзмөктөр өтө көп");
});

it("says something plain of what it has never heard of", () => {
  expect(refusalWords(refusal(409, "brand_new_code"), russian)).toBe(russian.refusal.other);
});

it("tells an absent server from a refusal", () => {
  expect(refusalWords(new HttpError(0), russian)).toBe(russian.refusal.unreachable);
  expect(refusalWords(refusal(503, "overloaded"), russian)).toBe(russian.refusal.unreachable);
});
