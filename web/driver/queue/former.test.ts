import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, it, vi } from "vitest";
import { type DriverDatabase, type Fix, openDatabase } from "./database";
import { FixQueue } from "./fixes";
import { adoptFormer } from "./former";
import { MarkQueue } from "./marks";

const fix = (tst: number): Fix => ({ _type: "location", lat: 42, lon: 74, tst, created_at: tst, t: "t", m: 2 });

let present: DriverDatabase;

beforeEach(async () => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  present = await openDatabase("dnew");
});

it("takes over what waits under a former login, and numbers it anew", async () => {
  const former = await openDatabase("dold");
  for (let tst = 0; tst < 1_200; tst += 1) {
    await former.add("fixes", fix(tst));
  }
  await new MarkQueue(former).add({ stop_id: 1, kind: "arrived", at: "2026-10-14T06:00:00Z" });
  const own = await new FixQueue(present).add(fix(5_000));

  await adoptFormer(["dold"], present);

  const queue = new FixQueue(present);
  expect(await queue.waiting()).toBe(1_201);
  const taken = await queue.batch(own, 2_000);
  expect(taken.map(({ tst }) => tst)).toEqual(Array.from({ length: 1_200 }, (_, tst) => tst));
  expect((await new MarkQueue(present).all()).map(({ stop_id, kind }) => [stop_id, kind])).toEqual([[1, "arrived"]]);
  expect([await former.count("fixes"), await former.count("marks")]).toEqual([0, 0]);

  await adoptFormer(["dold"], present);
  expect(await queue.waiting()).toBe(1_201);
});

it("never touches the queue of another driver on this phone", async () => {
  const other = await openDatabase("dother");
  await other.add("fixes", fix(1));
  await adoptFormer(["dold"], present);
  expect(await other.count("fixes")).toBe(1);
  expect((await indexedDB.databases()).map(({ name }) => name).sort()).toEqual(["driver-dnew", "driver-dother"]);
});
