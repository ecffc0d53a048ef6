import { answered, keyOf } from "./repeats";

/** What the hub answered instead of a result. `status` 0: it could not be reached at all. */
export class HttpError extends Error {
  readonly status: number;
  readonly kind: string;
  readonly detail: string;
  readonly fields: Record<string, string>;
  readonly retryAfterS: number | null;

  constructor(status: number, problem: Problem = {}, retryAfterS: number | null = null) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.name = "HttpError";
    this.status = status;
    this.kind = problem.type?.split("/").pop() || kindOfStatus(status);
    this.detail = problem.detail ?? "";
    this.fields = fieldsOf(problem);
    this.retryAfterS = retryAfterS;
  }
}

/** RFC 9457, with the fields at fault where there are any. */
export interface Problem {
  type?: string;
  title?: string;
  detail?: string;
  field?: string;
  errors?: { field: string; detail?: string; message?: string }[];
}

const TIMEOUT_MS = 20_000;
let csrf = "";
let signedOut: () => void = () => {};

/** The value of `SessionView.csrf`, sent back with every change. */
export function rememberCsrf(value: string): void {
  csrf = value;
}

/** Called whenever the hub says that nobody is signed in. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => send<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body?: unknown): Promise<T> => send<T>("POST", path, body);
export const patch = <T>(path: string, body: unknown): Promise<T> => send<T>("PATCH", path, body);
export const remove = <T>(path: string): Promise<T> => send<T>("DELETE", path);

/** `?a=1&b=2` of what is set; empty text when nothing is. */
export function query(parameters: Record<string, string | number | null | undefined>): string {
  const set = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}

async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await reach(method, path, body, signal);
  try {
    const result = await resultOf<T>(response);
    answered(path, textOf(body));
    return result;
  } catch (reason) {
    if (reason instanceof HttpError && reason.status < 500) {
      answered(path, textOf(body));
    }
    throw reason;
  }
}

function textOf(body: unknown): string {
  return body === undefined ? "" : JSON.stringify(body);
}

/** An answer that is no JSON, such as a picture. */
export async function getText(path: string, signal?: AbortSignal): Promise<string> {
  return (await accepted(await reach("GET", path, undefined, signal))).text();
}

/** What an answer says; raises HttpError when it is no success. */
export async function resultOf<T>(response: Response): Promise<T> {
  await accepted(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function accepted(response: Response): Promise<Response> {
  if (response.ok) {
    return response;
  }
  if (response.status === 401) {
    signedOut();
  }
  throw new HttpError(response.status, await problemOf(response), retryAfter(response));
}

async function reach(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") {
    headers["X-CSRF"] = csrf;
  }
  const text = textOf(body);
  if (text) {
    headers["Content-Type"] = "application/json";
  }
  if (method === "POST") {
    headers["Idempotency-Key"] = keyOf(path, text);
  }
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      body: text || undefined,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (reason) {
    if (signal?.aborted) {
      throw reason;
    }
    throw new HttpError(0);
  }
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    return {};
  }
}

function fieldsOf(problem: Problem): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const error of problem.errors ?? []) {
    fields[error.field] = error.detail ?? error.message ?? "";
  }
  if (problem.field) {
    fields[problem.field] ??= problem.detail ?? "";
  }
  return fields;
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("Retry-After"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function kindOfStatus(status: number): string {
  if (status === 0) {
    return "unreachable";
  }
  return status >= 500 ? "server" : `status-${status}`;
}
