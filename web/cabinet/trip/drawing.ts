import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { get } from "../../shared/http";
import { decodeTrack, type TrackPoint } from "../../shared/track";
import type { PositionView, RouteView, TrackView, TripDetail, TripView } from "../../shared/wire";
import { keys } from "../keys";
import { useTrip } from "../live/Live";
import { isOpen } from "./status";

// The drawn end of the path grows with every position; points that came late inside it need a new reading.
const REREAD_MS = 60_000;
const GAP_S = 15 * 60;

export interface TripDrawing {
  trip: TripView;
  route: RouteView | null;
  path: TrackPoint[][];
}

/** One trip with its planned road and its events, refreshed by the live room. */
export function useTripDetail(tripId: number | null) {
  return useQuery({
    queryKey: keys.trip(tripId ?? 0),
    queryFn: ({ signal }) => get<TripDetail>(`/api/trips/${tripId}`, signal),
    enabled: tripId !== null,
  });
}

/** The travelled path of a trip, read once a minute while it lasts. */
export function useTripPath(tripId: number | null, isLive: boolean) {
  return useQuery({
    queryKey: keys.track(tripId ?? 0),
    queryFn: ({ signal }) => get<TrackView | null>(`/api/trips/${tripId}/track`, signal),
    enabled: tripId !== null,
    staleTime: REREAD_MS,
    refetchInterval: isLive ? REREAD_MS : false,
    select: readTrack,
  });
}

const readTrack = (track: TrackView | null): TrackPoint[][] => (track ? decodeTrack(track.encoded) : []);

/** What the map draws of the chosen trip; null while none is chosen or known. */
export function useTripDrawing(tripId: number | null): TripDrawing | null {
  const live = useTrip(tripId);
  const { data: detail } = useTripDetail(tripId);
  const trip = live ?? detail?.trip;
  const { data: path } = useTripPath(tripId, !!trip && isOpen(trip));
  const position = trip?.position ?? null;
  const grown = useMemo(() => grow(path ?? [], position), [path, position]);
  return useMemo(
    () => (trip ? { trip, route: detail?.route ?? null, path: grown } : null),
    [trip, detail?.route, grown],
  );
}

/** The path with the newest position at its end, across a gap where it came after one. */
export function grow(path: TrackPoint[][], position: PositionView | null): TrackPoint[][] {
  const last = path.at(-1);
  const end = last?.at(-1);
  if (!position || !last || !end || position.fix_time_ms / 1000 <= end.timeS) {
    return path;
  }
  const point = { timeS: position.fix_time_ms / 1000, lat: position.lat, lon: position.lon };
  return point.timeS - end.timeS > GAP_S ? [...path, [point]] : [...path.slice(0, -1), [...last, point]];
}
