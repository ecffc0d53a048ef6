import { type DriverDatabase, databaseName, openDatabase, type QueuedFix } from "./database";

const AT_ONCE = 500;

/**
 * Moves what still waits on this phone under logins this driver's page had before into his present queue. Cut off in
 * the middle it leaves repeats, which the hub drops, and never a gap.
 */
export async function adoptFormer(logins: readonly string[], present: DriverDatabase): Promise<void> {
  if (logins.length === 0) {
    return;
  }
  const kept = (await indexedDB.databases?.())?.map(({ name }) => name);
  for (const login of logins) {
    if (kept?.includes(databaseName(login)) ?? true) {
      const former = await openDatabase(login);
      await moveFixes(former, present);
      await moveMarks(former, present);
      former.close();
    }
  }
}

async function moveFixes(former: DriverDatabase, present: DriverDatabase): Promise<void> {
  for (;;) {
    const fixes = (await former.getAll("fixes", null, AT_ONCE)) as QueuedFix[];
    const last = fixes.at(-1);
    if (!last) {
      return;
    }
    const change = present.transaction("fixes", "readwrite");
    for (const { seq: _, ...fix } of fixes) {
      void change.store.add(fix);
    }
    await change.done;
    await former.delete("fixes", IDBKeyRange.upperBound(last.seq));
  }
}

async function moveMarks(former: DriverDatabase, present: DriverDatabase): Promise<void> {
  const marks = await former.getAll("marks");
  for (const { id, ...mark } of marks) {
    await present.add("marks", mark);
    await former.delete("marks", id as number);
  }
}
