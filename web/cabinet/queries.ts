import { QueryClient } from "@tanstack/react-query";
import { HttpError } from "../shared/http";

// A refusal stays one however often it is asked for; only an unreachable or failing hub is worth another try.
const isPassing = (error: unknown): boolean =>
  !(error instanceof HttpError) || error.status === 0 || error.status >= 500;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && isPassing(error),
    },
    mutations: { retry: false },
  },
});
