import { Outlet } from "@tanstack/react-router";
import { Suspense } from "react";
import { LiveProvider } from "../live/Live";
import { SignIn } from "../session/SignIn";
import { SignedIn, useFollowSession, useSession } from "../session/session";
import { Shell } from "./Shell";
import { Unreachable } from "./Unreachable";
import { Waiting } from "./Waiting";

/** Whoever is not signed in sees the sign-in at any address and lands on that address afterwards. */
export function Root() {
  useFollowSession();
  const { data: session, isPending, error, refetch } = useSession();
  if (isPending) {
    return <Waiting />;
  }
  if (error && session === undefined) {
    return <Unreachable error={error} onRetry={() => void refetch()} />;
  }
  if (!session) {
    return <SignIn />;
  }
  return (
    <SignedIn value={session}>
      <LiveProvider key={session.user.id}>
        <Shell>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </Shell>
      </LiveProvider>
    </SignedIn>
  );
}
