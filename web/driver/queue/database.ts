import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { NewMark } from "../../shared/wire";

/** One OwnTracks location as it is sent; `seq` is this queue's number, rising for ever. */
export interface Fix {
  _type: "location";
  lat: number;
  lon: number;
  /** Seconds since 1970. */
  tst: number;
  created_at: number;
  acc?: number;
  alt?: number;
  /** km/h */
  vel?: number;
  cog?: number;
  batt?: number;
  /** 0 unknown, 1 unplugged, 2 charging, 3 full. */
  bs?: number;
  /** w: WLAN, o: offline, m: mobile data. */
  conn?: string;
  /** What triggered it: t the clock, u the driver. */
  t: string;
  m: number;
}

export type QueuedFix = Fix & { seq: number };

/** A stage pressed by the driver that the hub has not heard of yet. */
export interface QueuedMark extends Omit<NewMark, "at"> {
  id?: number;
  at: string;
}

export interface DriverSchema extends DBSchema {
  fixes: { key: number; value: Fix & { seq?: number } };
  marks: { key: number; value: QueuedMark };
  counts: { key: string; value: number };
}

export type DriverDatabase = IDBPDatabase<DriverSchema>;

export const databaseName = (login: string): string => `driver-${login}`;

/**
 * Opens the queue of one device login: drivers who share a phone never send each other's points. A queue made anew
 * (the browser threw its data away) begins at the clock's seconds, so that its numbers still rise above the lost ones.
 */
export function openDatabase(login: string, now: () => number = Date.now): Promise<DriverDatabase> {
  return openDB<DriverSchema>(databaseName(login), 1, {
    upgrade(database) {
      const fixes = database.createObjectStore("fixes", { keyPath: "seq", autoIncrement: true });
      const first = Math.floor(now() / 1000);
      const placeholder: QueuedFix = {
        _type: "location",
        seq: first,
        lat: 0,
        lon: 0,
        tst: 0,
        created_at: 0,
        t: "",
        m: 0,
      };
      void fixes.put(placeholder);
      void fixes.delete(first);
      database.createObjectStore("marks", { keyPath: "id", autoIncrement: true });
      database.createObjectStore("counts");
    },
  });
}
