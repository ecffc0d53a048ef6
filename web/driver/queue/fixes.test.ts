import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, it, vi } from "vitest";
import { type Fix, openDatabase } from "./database";
import { FixQueue, StorageFull } from "./fixes";

const fix = (tst: number): Fix => ({ _type: "location", lat: 42, lon: 74, tst, created_at: tst, t: "t", m: 2 });
const SECONDS = 1_790_000_000;
const open = async (login = "d1") => new FixQueue(await openDatabase(login, () => SECONDS * 1000));

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
});

it("numbers points upwards for ever, also after the queue ran empty", async () => {
  const queue = await open();
  const first = await queue.add(fix(1));
  const second = await queue.add(fix(2));
  await queue.confirm([[first, second]]);
  expect(second).toBe(first + 1);
  expect(await queue.add(fix(3))).toBe(second + 1);
});

it("begins above every lost number when the browser threw the queue away", async () => {
  expect(await (await open()).add(fix(1))).toBeGreaterThan(SECONDS);
});

it("gives the oldest points first, above a number, so many at a time", async () => {
  const queue = await open();
  const numbers = [];
  for (let index = 0; index < 5; index += 1) {
    numbers.push(await queue.add(fix(index)));
  }
  const batch = await queue.batch(numbers[0]!, 3);
  expect(batch.map((one) => one.seq)).toEqual(numbers.slice(1, 4));
  expect(batch[0]).toMatchObject({ _type: "location", tst: 1 });
});

it("forgets exactly the confirmed points and counts them as sent", async () => {
  const queue = await open();
  for (let index = 0; index < 6; index += 1) {
    await queue.add(fix(index));
  }
  const [first] = await queue.batch(0, 1);
  const start = first!.seq;
  expect(
    await queue.confirm([
      [start, start + 1],
      [start + 4, start + 4],
    ]),
  ).toBe(3);
  expect((await queue.batch(0, 10)).map((one) => one.seq)).toEqual([start + 2, start + 3, start + 5]);
  expect(await queue.waiting()).toBe(3);
  expect(await queue.sent()).toBe(3);
});

it("does not count a repeated confirmation twice", async () => {
  const queue = await open();
  const number = await queue.add(fix(1));
  await queue.confirm([[number, number]]);
  expect(await queue.confirm([[number, number]])).toBe(0);
  expect(await queue.sent()).toBe(1);
});

it("keeps what waits when the page is opened again", async () => {
  await (await open()).add(fix(1));
  expect(await (await open()).waiting()).toBe(1);
});

it("never mixes the points of two drivers of one phone", async () => {
  await (await open("d1")).add(fix(1));
  expect(await (await open("d2")).waiting()).toBe(0);
});

it("says in its own error that the phone is full", async () => {
  const database = await openDatabase("d1");
  vi.spyOn(database, "add").mockRejectedValue(new DOMException("no room", "QuotaExceededError"));
  await expect(new FixQueue(database).add(fix(1))).rejects.toBeInstanceOf(StorageFull);
});
