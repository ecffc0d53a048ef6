import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { get, HttpError, onSignedOut, rememberCsrf } from "../../shared/http";
import type { SessionView } from "../../shared/wire";
import { keys } from "../keys";

async function readSession(signal: AbortSignal): Promise<SessionView | null> {
  try {
    const session = await get<SessionView>("/api/session", signal);
    rememberCsrf(session.csrf);
    return session;
  } catch (error) {
    if (error instanceof HttpError && (error.status === 401 || error.status === 404)) {
      return null;
    }
    throw error;
  }
}

/** Someone came or left: nothing that was read for another person stays. */
export function enter(client: QueryClient, session: SessionView | null): void {
  client.setQueryData(keys.session, session);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
}

/** Who is signed in: undefined while asked, null when nobody is. */
export function useSession() {
  return useQuery({
    queryKey: keys.session,
    queryFn: ({ signal }) => readSession(signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: (count, error) => count < 5 && error instanceof HttpError && error.status !== 403,
  });
}

/**
 * The session everything below the shell's guard stands on. It comes from the guard and not from the cache: a part of
 * the screen that draws itself between somebody's leaving and the guard's noticing would find nobody there.
 */
export const SignedIn = createContext<SessionView | null>(null);

/** The signed-in session; only below the guard of the shell. */
export function useSignedIn(): SessionView {
  const session = useContext(SignedIn);
  if (!session) {
    throw new Error("useSignedIn outside the shell's guard");
  }
  return session;
}

/** Follows the session: its language becomes the page's; a 401 anywhere shows the sign-in. */
export function useFollowSession(): void {
  const client = useQueryClient();
  const { data } = useSession();
  const { i18n } = useTranslation();
  const language = data?.user.language;

  useEffect(() => {
    onSignedOut(() => enter(client, null));
  }, [client]);

  useEffect(() => {
    if (language && i18n.language !== language) {
      void i18n.changeLanguage(language);
    }
  }, [language, i18n]);

  useEffect(() => {
    if (data?.brand) {
      document.title = data.brand;
    }
  }, [data?.brand]);
}
