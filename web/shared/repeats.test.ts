import { afterEach, describe, expect, it, vi } from "vitest";
import { HttpError, post } from "./http";

const keys: (string | null)[] = [];

function answering(...answers: (Response | Error)[]): void {
  vi.stubGlobal("fetch", async (_: string, request: RequestInit) => {
    keys.push(new Headers(request.headers).get("Idempotency-Key"));
    const answer = answers.shift();
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
  keys.length = 0;
});

describe("a change sent again", () => {
  it("carries its key while nobody knows what became of it", async () => {
    answering(new TypeError("network"), new Response("", { status: 503 }), Response.json({ id: 1 }));
    await expect(post("/api/trips", { cargo: "a" })).rejects.toThrow(HttpError);
    await expect(post("/api/trips", { cargo: "a" })).rejects.toThrow(HttpError);
    await post("/api/trips", { cargo: "a" });
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(keys).size).toBe(1);
  });

  it("is another one once it was answered, or says something else", async () => {
    answering(Response.json({ id: 1 }), Response.json({ id: 2 }), Response.json({ id: 3 }));
    await post("/api/trips", { cargo: "a" });
    await post("/api/trips", { cargo: "a" });
    await post("/api/trips", { cargo: "b" });
    expect(new Set(keys).size).toBe(3);
  });

  it("is another one after a refusal", async () => {
    answering(Response.json({ type: "/problems/taken" }, { status: 409 }), Response.json({ id: 1 }));
    await expect(post("/api/trips", { cargo: "a" })).rejects.toThrow(HttpError);
    await post("/api/trips", { cargo: "a" });
    expect(new Set(keys).size).toBe(2);
  });
});
