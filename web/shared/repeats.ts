/**
 * Keys of changes whose answer may have been lost: the same change sent again carries the same key, by which the hub
 * knows that it is no second one.
 */
const MOST_KEPT = 50;
const unanswered = new Map<string, string>();

/** The `Idempotency-Key` of a change; the one it had before while nobody knows what became of it. */
export function keyOf(path: string, body: string): string {
  const change = `${path}\n${body}`;
  const key = unanswered.get(change) ?? newKey();
  unanswered.set(change, key);
  const oldest = unanswered.keys().next().value;
  if (unanswered.size > MOST_KEPT && oldest !== undefined) {
    unanswered.delete(oldest);
  }
  return key;
}

/** The hub said what became of it: the next time it is meant, it is meant anew. */
export function answered(path: string, body: string): void {
  unanswered.delete(`${path}\n${body}`);
}

function newKey(): string {
  // Unlike randomUUID also there on a page without TLS, such as a hub tried out in an office.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
