import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Fix, openDatabase, type QueuedFix } from "../queue/database";
import { FixQueue } from "../queue/fixes";
import { storedRanges } from "./mqttLink";
import { BATCH_LENGTH, type Link, type LinkListener, LinkLost, Sender, WINDOW_LENGTH } from "./sender";

const fix = (tst: number): Fix => ({ _type: "location", lat: 42, lon: 74, tst, created_at: tst, t: "t", m: 2 });

/** A broker as the sender sees it: what was handed over, and a hub that confirms when the test says so. */
class Broker implements Link {
  readonly messages: string[] = [];
  connections = 0;
  reachable = true;
  listener: LinkListener | null = null;

  readonly open = async (listener: LinkListener): Promise<Link> => {
    this.connections += 1;
    if (!this.reachable) {
      throw new LinkLost();
    }
    this.listener = listener;
    return this;
  };

  async publish(payload: string): Promise<void> {
    if (!this.reachable) {
      throw new LinkLost();
    }
    this.messages.push(payload);
  }

  close(): void {
    this.listener = null;
  }

  get received(): QueuedFix[] {
    return this.messages.flatMap((message) => JSON.parse(message) as QueuedFix | QueuedFix[]);
  }

  confirmAll(): void {
    this.listener?.stored(this.received.map(({ seq }) => [seq, seq]));
  }

  cut(): void {
    this.reachable = false;
    this.listener?.closed("lost");
  }
}

let queue: FixQueue;
let broker: Broker;
let sender: Sender;

const fill = async (count: number) => {
  for (let index = 0; index < count; index += 1) {
    await queue.add(fix(index));
  }
};

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.stubGlobal("indexedDB", new IDBFactory());
  queue = new FixQueue(await openDatabase("d1"));
  broker = new Broker();
  sender = new Sender(
    queue,
    broker.open,
    () => undefined,
    () => 1,
  );
});

afterEach(() => {
  sender.stop();
  vi.useRealTimers();
});

describe("emptying the queue", () => {
  it("sends one point as OwnTracks writes it and a backlog in arrays of at most a hundred", async () => {
    await fill(1);
    sender.start();
    await vi.waitFor(() => expect(broker.messages).toHaveLength(1));
    expect(JSON.parse(broker.messages[0]!)).toMatchObject({ _type: "location", seq: expect.any(Number) });
    await fill(BATCH_LENGTH + 20);
    sender.poke();
    await vi.waitFor(() => expect(broker.received).toHaveLength(BATCH_LENGTH + 21));
    expect(JSON.parse(broker.messages[1]!)).toHaveLength(BATCH_LENGTH);
  });

  it("keeps every point until the hub says that it is stored", async () => {
    await fill(3);
    sender.start();
    await vi.waitFor(() => expect(broker.received).toHaveLength(3));
    expect(await queue.waiting()).toBe(3);
    broker.confirmAll();
    await vi.waitFor(async () => expect(await queue.waiting()).toBe(0));
  });

  it("does not send a point twice on one connection", async () => {
    await fill(2);
    sender.start();
    await vi.waitFor(() => expect(broker.received).toHaveLength(2));
    await fill(1);
    sender.poke();
    await vi.waitFor(() => expect(broker.received).toHaveLength(3));
    expect(new Set(broker.received.map(({ seq }) => seq)).size).toBe(3);
  });

  it("stops handing over while a thousand points wait for their confirmation", async () => {
    await fill(WINDOW_LENGTH + 150);
    sender.start();
    await vi.waitFor(() => expect(broker.received).toHaveLength(WINDOW_LENGTH));
    sender.poke();
    await Promise.resolve();
    expect(broker.received).toHaveLength(WINDOW_LENGTH);
    broker.confirmAll();
    await vi.waitFor(() => expect(broker.received).toHaveLength(WINDOW_LENGTH + 150));
  });

  it("sends again what the hub has not confirmed within a minute", async () => {
    await fill(2);
    sender.start();
    await vi.waitFor(() => expect(broker.received).toHaveLength(2));
    vi.setSystemTime(Date.now() + 61_000);
    sender.poke();
    await vi.waitFor(() => expect(broker.received).toHaveLength(4));
  });
});

describe("a broken connection", () => {
  it("is opened again after a pause, and everything unconfirmed is sent again", async () => {
    await fill(2);
    sender.start();
    await vi.waitFor(() => expect(broker.received).toHaveLength(2));
    broker.cut();
    expect(sender.state).toBe("waiting");
    await fill(1);
    broker.reachable = true;
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.waitFor(() => expect(broker.received).toHaveLength(5));
    broker.confirmAll();
    await vi.waitFor(async () => expect(await queue.waiting()).toBe(0));
  });

  it("is tried at growing distances", async () => {
    broker.reachable = false;
    sender.start();
    await vi.advanceTimersByTimeAsync(0);
    for (const pause of [1_000, 2_000, 4_000]) {
      const tried = broker.connections;
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(broker.connections).toBe(tried);
      await vi.advanceTimersByTimeAsync(1);
      expect(broker.connections).toBe(tried + 1);
    }
  });

  it("is tried at once when the network is back", async () => {
    broker.reachable = false;
    sender.start();
    await vi.advanceTimersByTimeAsync(0);
    broker.reachable = true;
    sender.wake();
    await vi.waitFor(() => expect(sender.state).toBe("connected"));
  });

  it("is not tried at every new point", async () => {
    broker.reachable = false;
    sender.start();
    await vi.advanceTimersByTimeAsync(0);
    sender.poke();
    await vi.advanceTimersByTimeAsync(0);
    expect(broker.connections).toBe(1);
  });

  it("stays closed when another phone took the account over, until the driver decides", async () => {
    sender.start();
    await vi.waitFor(() => expect(sender.state).toBe("connected"));
    broker.listener?.closed("replaced");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sender.state).toBe("replaced");
    expect(broker.connections).toBe(1);
    sender.start();
    await vi.waitFor(() => expect(sender.state).toBe("connected"));
  });

  it("is left alone for a minute when it is cut right after it stood, time and again", async () => {
    sender.start();
    for (let turn = 0; turn < 3; turn += 1) {
      await vi.waitFor(() => expect(sender.state).toBe("connected"));
      broker.listener?.closed("lost");
      await vi.advanceTimersByTimeAsync(turn < 2 ? 1_000 : 0);
    }
    expect(sender.state).toBe("replaced");
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(sender.state).toBe("connected"));
  });

  it("is no quarrel when it stood for a while", async () => {
    sender.start();
    for (let turn = 0; turn < 4; turn += 1) {
      await vi.waitFor(() => expect(sender.state).toBe("connected"));
      await vi.advanceTimersByTimeAsync(20_000);
      broker.listener?.closed("lost");
      expect(sender.state).toBe("waiting");
      await vi.advanceTimersByTimeAsync(1_000);
    }
  });

  it("is tried once a minute while the broker refuses the phone", async () => {
    sender.start();
    await vi.waitFor(() => expect(sender.state).toBe("connected"));
    broker.listener?.closed("refused");
    expect(sender.state).toBe("refused");
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(sender.state).toBe("connected"));
  });
});

it("goes on with the same queue under other credentials", async () => {
  await fill(3);
  sender.start();
  await vi.waitFor(() => expect(broker.received).toHaveLength(3));
  const locked = broker.listener;
  broker.cut();
  const renewed = new Broker();
  sender.renew(renewed.open);
  await vi.waitFor(() => expect(renewed.received.map(({ tst }) => tst)).toEqual([0, 1, 2]));
  // The old connection's last word is no news any more.
  locked?.closed("refused");
  expect(sender.state).toBe("connected");
  await vi.advanceTimersByTimeAsync(120_000);
  expect([broker.connections, renewed.connections]).toEqual([1, 1]);
  renewed.confirmAll();
  await vi.waitFor(async () => expect(await queue.waiting()).toBe(0));
});

describe("the hub's confirmation", () => {
  it("is read as ranges", () => {
    expect(storedRanges('{"_type":"stored","seq":9,"seqs":[[1,3],[9,9]]}')).toEqual([
      [1, 3],
      [9, 9],
    ]);
  });

  it("is nothing when it is anything else", () => {
    for (const payload of ["", "null", "[]", "{}", '{"_type":"cmd"}', '{"_type":"stored","seqs":[["1",2],[3]]}']) {
      expect(storedRanges(payload)).toEqual([]);
    }
  });
});
