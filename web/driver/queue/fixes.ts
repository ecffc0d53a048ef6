import type { DriverDatabase, Fix, QueuedFix } from "./database";

const SENT = "sent";

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

  /** The hub stored everything up to this number: forget it. Returns how many points left the queue. */
  async confirm(upTo: number): Promise<number> {
    const change = this.database.transaction(["fixes", "counts"], "readwrite");
    const range = IDBKeyRange.upperBound(upTo);
    const left = await change.objectStore("fixes").count(range);
    if (left > 0) {
      const sent = (await change.objectStore("counts").get(SENT)) ?? 0;
      await change.objectStore("fixes").delete(range);
      await change.objectStore("counts").put(sent + left, SENT);
    }
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
