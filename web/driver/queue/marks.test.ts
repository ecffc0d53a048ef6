import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, it, vi } from "vitest";
import { openDatabase } from "./database";
import { MarkQueue } from "./marks";

const AT = "2026-10-14T06:00:00Z";

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
});

it("keeps stages in the order they were pressed, each with its time", async () => {
  const marks = new MarkQueue(await openDatabase("d1"));
  await marks.add({ stop_id: 1, kind: "arrived", at: AT });
  await marks.add({ stop_id: 1, kind: "departed", at: AT });
  expect((await marks.all()).map((mark) => mark.kind)).toEqual(["arrived", "departed"]);
});

it("takes back a press the hub has not heard of", async () => {
  const marks = new MarkQueue(await openDatabase("d1"));
  await marks.add({ stop_id: 1, kind: "arrived", at: AT });
  expect(await marks.takeBack(1, "arrived")).toBe(true);
  expect(await marks.all()).toEqual([]);
});

it("says when there is nothing of it left to take back", async () => {
  const marks = new MarkQueue(await openDatabase("d1"));
  await marks.add({ stop_id: 2, kind: "arrived", at: AT });
  expect(await marks.takeBack(1, "arrived")).toBe(false);
});
