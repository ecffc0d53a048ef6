import i18next from "i18next";
import { HttpError } from "../../shared/http";

/** An error in plain words of the page's language: what happened and what helps. */
export function errorWords(error: unknown): string {
  if (!(error instanceof HttpError)) {
    return i18next.t("error.unknown");
  }
  const minutes = Math.max(1, Math.ceil((error.retryAfterS ?? 60) / 60));
  const keys = [`error.${error.kind}`, `error.${error.status}`, error.status >= 500 ? "error.server" : "error.unknown"];
  const key = keys.find((candidate) => i18next.exists(candidate)) ?? "error.unknown";
  return i18next.t(key, { count: minutes, detail: error.detail });
}

/** The words for one field of a refused form, if it was at fault. */
export function fieldWords(error: unknown, field: string): string | undefined {
  return error instanceof HttpError && field in error.fields ? errorWords(error) : undefined;
}
