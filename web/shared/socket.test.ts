import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveSocket, type SocketState } from "./socket";
import type { ServerMessage } from "./wire";

/** A server's end of the wire, as far as a socket can tell. */
class Wire {
  static readonly opened: Wire[] = [];
  readyState = 0;
  sent: string[] = [];
  isClosed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor() {
    Wire.opened.push(this);
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  drop(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }

  get asked(): string[] {
    return this.sent.map((text) => JSON.parse(text).type);
  }
}

const snapshot = (epoch: string, sequence: number) => ({
  type: "snapshot",
  epoch,
  sequence,
  server_time_ms: 0,
  trips: [],
  unread_count: 0,
});
const positions = (epoch: string, sequence: number) => ({ type: "positions", epoch, sequence, positions: [] });

describe("the live socket", () => {
  let frames: ServerMessage[];
  let states: SocketState[];
  let socket: LiveSocket;

  beforeEach(() => {
    vi.useFakeTimers();
    Wire.opened.length = 0;
    frames = [];
    states = [];
    socket = new LiveSocket({
      url: "/ws",
      hello: { type: "join" },
      onFrame: (frame) => frames.push(frame),
      onState: (state) => states.push(state),
      random: () => 1,
      open: () => new Wire() as unknown as WebSocket,
    });
    socket.start();
  });

  afterEach(() => {
    socket.stop();
    vi.useRealTimers();
  });

  const wire = () => Wire.opened.at(-1) as Wire;
  const goLive = () => {
    wire().accept();
    wire().say(snapshot("a", 5));
  };

  it("joins first and is live with the snapshot", () => {
    expect(states).toEqual([{ name: "connecting" }]);
    goLive();
    expect(wire().asked).toEqual(["join"]);
    expect(states.at(-1)).toEqual({ name: "live" });
  });

  it("passes on deltas in sequence without asking for anything", () => {
    goLive();
    wire().say(positions("a", 6));
    wire().say(positions("a", 7));
    expect(frames).toHaveLength(3);
    expect(wire().asked).toEqual(["join"]);
  });

  it("drops a frame it has had already", () => {
    goLive();
    wire().say(positions("a", 5));
    expect(frames).toHaveLength(1);
  });

  it("asks for a snapshot after a gap, and keeps the frame that showed it", () => {
    goLive();
    wire().say(positions("a", 8));
    expect(wire().asked).toEqual(["join", "resync"]);
    expect(frames).toHaveLength(2);
  });

  it("asks at most once in two seconds", () => {
    goLive();
    wire().say(positions("a", 8));
    wire().say(positions("a", 12));
    expect(wire().asked).toEqual(["join", "resync"]);
    vi.advanceTimersByTime(2_100);
    wire().say(positions("a", 20));
    expect(wire().asked).toEqual(["join", "resync", "resync"]);
  });

  it("takes nothing from another epoch until its snapshot", () => {
    goLive();
    wire().say(positions("b", 6));
    expect(frames).toHaveLength(1);
    expect(wire().asked).toEqual(["join", "resync"]);
    wire().say(snapshot("b", 6));
    wire().say(positions("b", 7));
    expect(frames).toHaveLength(3);
  });

  it("lets unread counts pass, which carry no sequence", () => {
    goLive();
    wire().say({ type: "unread", unread_count: 3 });
    expect(frames.at(-1)).toEqual({ type: "unread", unread_count: 3 });
  });

  it("connects again after pauses that grow to half a minute", () => {
    goLive();
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      const before = Wire.opened.length;
      wire().drop();
      let waited = 0;
      while (Wire.opened.length === before) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      pauses.push(waited);
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("tells since when it is lost, not since the last attempt", () => {
    goLive();
    const lostAt = Date.now();
    wire().drop();
    vi.advanceTimersByTime(500);
    wire().drop();
    expect(states.at(-1)).toEqual({ name: "lost", sinceMs: lostAt, attempt: 2 });
  });

  it.each([4001, 4004, 4010])("gives up for good after close code %d", (code) => {
    goLive();
    wire().drop(code);
    vi.advanceTimersByTime(600_000);
    expect(Wire.opened).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ name: "refused", code });
  });

  it("repeats the hub's own words when it is refused", () => {
    goLive();
    wire().say({ type: "refused", code: 4010, reason: "the link was revoked" });
    wire().drop(4010);
    expect(states.at(-1)).toEqual({ name: "refused", code: 4010, reason: "the link was revoked" });
  });

  it("tries again after being too slow, which passes", () => {
    goLive();
    wire().drop(4008);
    vi.advanceTimersByTime(500);
    expect(Wire.opened).toHaveLength(2);
  });

  it("asks whether a quiet connection still lives, and replaces one that does not answer", () => {
    goLive();
    vi.advanceTimersByTime(66_000);
    expect(wire().asked).toEqual(["join", "resync"]);
    vi.advanceTimersByTime(20_000);
    expect(Wire.opened).toHaveLength(2);
    expect(Wire.opened[0]?.isClosed).toBe(true);
  });

  it("keeps a quiet connection that answers", () => {
    goLive();
    vi.advanceTimersByTime(66_000);
    wire().say(snapshot("a", 5));
    vi.advanceTimersByTime(30_000);
    expect(Wire.opened).toHaveLength(1);
  });

  it("stays stopped", () => {
    goLive();
    socket.stop();
    vi.advanceTimersByTime(600_000);
    expect(Wire.opened).toHaveLength(1);
    expect(wire().isClosed).toBe(true);
  });
});
