import { useMatchRoute } from "@tanstack/react-router";

/** What the address says is shown on the map screen. */
export type Place =
  | { name: "overview" | "new"; tripId: null }
  | { name: "trip" | "replay"; tripId: number }
  | { name: "fence"; tripId: number; stopId: number };

export function usePlace(): Place {
  const match = useMatchRoute();
  const fence = match({ to: "/trips/$tripId/fence/$stopId" });
  if (fence) {
    return { name: "fence", tripId: Number(fence.tripId), stopId: Number(fence.stopId) };
  }
  const replay = match({ to: "/trips/$tripId/replay" });
  if (replay) {
    return { name: "replay", tripId: Number(replay.tripId) };
  }
  const trip = match({ to: "/trips/$tripId" });
  if (trip) {
    return { name: "trip", tripId: Number(trip.tripId) };
  }
  return { name: match({ to: "/new" }) ? "new" : "overview", tripId: null };
}
