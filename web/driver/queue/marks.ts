import type { DriverDatabase, QueuedMark } from "./database";

/** Stages pressed where there was no network; sent in the order they were pressed. */
export class MarkQueue {
  constructor(private readonly database: DriverDatabase) {}

  async add(mark: QueuedMark): Promise<void> {
    await this.database.add("marks", mark);
  }

  all(): Promise<QueuedMark[]> {
    return this.database.getAll("marks");
  }

  async remove(id: number): Promise<void> {
    await this.database.delete("marks", id);
  }

  /** Takes back the last press of this kind at this stop, if the hub has not heard of it yet. */
  async takeBack(stopId: number, kind: QueuedMark["kind"]): Promise<boolean> {
    const mark = (await this.all()).findLast((queued) => queued.stop_id === stopId && queued.kind === kind);
    if (mark?.id === undefined) {
      return false;
    }
    await this.remove(mark.id);
    return true;
  }
}
