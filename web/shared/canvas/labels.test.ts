import { describe, expect, it } from "vitest";
import { Room } from "./labels";

const box = (left: number) => ({ left, top: 0, right: left + 10, bottom: 10 });

describe("room for names", () => {
  it("gives a place to whoever comes first", () => {
    const room = new Room();
    expect(room.take(box(0))).toBe(true);
    expect(room.take(box(5))).toBe(false);
    expect(room.take(box(11))).toBe(true);
  });

  it("keeps names off what must be drawn", () => {
    const room = new Room();
    room.occupy(box(0));
    room.occupy(box(3));
    expect(room.take(box(9))).toBe(false);
  });
});
