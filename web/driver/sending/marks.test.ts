import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openDatabase } from "../queue/database";
import { MarkQueue } from "../queue/marks";
import { sendMarks } from "./marks";

let marks: MarkQueue;
const asked: unknown[] = [];
let answers: (() => Response)[] = [];

const problem = (status: number, code: string) => () =>
  new Response(JSON.stringify({ type: `/problems/${code}` }), {
    status,
    headers: { "Content-Type": "application/problem+json" },
  });
const accepted = () => new Response("{}", { status: 200 });

beforeEach(async () => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("fetch", async (_path: string, options: RequestInit) => {
    asked.push(JSON.parse(String(options.body)));
    const answer = answers.shift();
    if (!answer) {
      throw new TypeError("no network");
    }
    return answer();
  });
  asked.length = 0;
  marks = new MarkQueue(await openDatabase("d1"));
  await marks.add({ stop_id: 1, kind: "arrived", at: "2026-10-14T06:00:00Z" });
  await marks.add({ stop_id: 1, kind: "departed", at: "2026-10-14T07:00:00Z" });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

it("tells of every press in order, each with its own time", async () => {
  answers = [accepted, accepted];
  expect(await sendMarks(marks)).toBeNull();
  expect(asked).toEqual([
    { stop_id: 1, kind: "arrived", at: "2026-10-14T06:00:00Z" },
    { stop_id: 1, kind: "departed", at: "2026-10-14T07:00:00Z" },
  ]);
  expect(await marks.all()).toEqual([]);
});

it("keeps what could not be told when the network goes", async () => {
  answers = [accepted];
  await expect(sendMarks(marks)).rejects.toMatchObject({ status: 0 });
  expect((await marks.all()).map((mark) => mark.kind)).toEqual(["departed"]);
});

it("drops a press the hub refuses and gives its reason", async () => {
  answers = [problem(409, "trip_finished"), accepted];
  expect(await sendMarks(marks)).toMatchObject({ status: 409, kind: "trip_finished" });
  expect(await marks.all()).toEqual([]);
});

it("keeps a press while the driver is signed out", async () => {
  answers = [problem(401, "not_signed_in")];
  await expect(sendMarks(marks)).rejects.toMatchObject({ status: 401 });
  expect(await marks.all()).toHaveLength(2);
});
