import { HttpError } from "../../shared/http";
import type { Words } from "./russian";

/** Why the hub refused, in the driver's language; its own English sentences are for people who write programs. */
export function refusalWords(reason: unknown, words: Words): string {
  if (!(reason instanceof HttpError)) {
    throw reason;
  }
  if (reason.status === 0 || reason.status >= 500) {
    return words.refusal.unreachable;
  }
  const known: Record<string, string> = words.refusal;
  return known[reason.kind] ?? words.refusal.other;
}
