import { HttpError } from "../../shared/http";
import * as hub from "../home/hub";
import type { MarkQueue } from "../queue/marks";

// Not the mark's fault: it waits for another try.
const LATER = [401, 403, 429];

/**
 * Tells the hub of queued stages in the order they were pressed. One that the hub refuses is dropped; the last
 * refusal is returned, null without one. Raises HttpError when cut off.
 */
export async function sendMarks(marks: MarkQueue): Promise<HttpError | null> {
  let refusal: HttpError | null = null;
  for (const { id, ...body } of await marks.all()) {
    try {
      await hub.mark(body);
    } catch (reason) {
      if (!(reason instanceof HttpError) || !isRefusal(reason)) {
        throw reason;
      }
      refusal = reason;
    }
    await marks.remove(id as number);
  }
  return refusal;
}

const isRefusal = ({ status }: HttpError): boolean => status >= 400 && status < 500 && !LATER.includes(status);
