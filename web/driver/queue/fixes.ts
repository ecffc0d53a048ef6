import type { DriverDatabase, Fix, QueuedFix } from "./database";

const SENT = "sent";

/** Numbers from the first to the last, both included. */
export type SequenceRange = readonly [first: number, last: number];

/** The phone has no room left for another point. */
export class StorageFull extends Error {}

/** Points that wait for the hub's word that they are stored. Nothing else takes a point out. */
export class FixQueue {
  constructor(private readonly database: DriverDatabase) {}

  /** Keeps a point and returns its number. Raises StorageFull. */
  async add(fix: Fix): Promise<number> {
    try {
      return await this.database.add("fixes", fix);
    } catch (reason) {
      if (reason instanceof DOMException && reason.name === "QuotaExceededError") {
        throw new StorageFull();
      }
      throw reason;
    }
  }

  /** The oldest points with a number above `after`. */
  async batch(after: number, limit: number): Promise<QueuedFix[]> {
    return (await this.database.getAll("fixes", IDBKeyRange.lowerBound(after, true), limit)) as QueuedFix[];
  }

  /** The hub has dealt with these numbers: forget them. Returns how many points left the queue. */
  async confirm(ranges: readonly SequenceRange[]): Promise<number> {
    const change = this.database.transaction(["fixes", "counts"], "readwrite");
    const fixes = change.objectStore("fixes");
    let left = 0;
    for (const [first, last] of ranges) {
      const range = IDBKeyRange.bound(first, last);
      left += await fixes.count(range);
      await fixes.delete(range);
    }
    const counts = change.objectStore("counts");
    await counts.put(((await counts.get(SENT)) ?? 0) + left, SENT);
    await change.done;
    return left;
  }

  waiting(): Promise<number> {
    return this.database.count("fixes");
  }

  /** How many points the hub has confirmed since this queue was made. */
  async sent(): Promise<number> {
    return (await this.database.get("counts", SENT)) ?? 0;
  }
}
