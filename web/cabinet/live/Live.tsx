import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { LiveSocket, type SocketState } from "../../shared/socket";
import type { EventView, ServerMessage, TripView } from "../../shared/wire";
import { keys } from "../keys";
import { useSignedIn } from "../session/session";
import { keepPage, noteEvent } from "./events";
import { Fleet } from "./fleet";
import { openTrips } from "./openTrips";
import { announce } from "./toasts";

const POLL_AFTER_MS = 5_000;
const POLL_EVERY_MS = 15_000;

interface Live {
  fleet: Fleet;
  state: SocketState;
}

const LiveContext = createContext<Live | null>(null);

/** Opens the organisation's live room for as long as somebody is signed in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { user } = useSignedIn();
  const fleet = useMemo(() => new Fleet(), []);
  const [state, setState] = useState<SocketState>({ name: "connecting" });

  useEffect(() => {
    const onEvent = (event: EventView) => {
      noteEvent(client, event);
      if (event.caused_by !== user.id) {
        announce(event, fleet.get(event.trip_id ?? -1), user.timezone);
      }
    };
    const onFrame = (frame: ServerMessage) => {
      if (frame.type === "trip_gone") {
        keepPage(client, fleet.get(frame.trip_id));
      }
      const event = fleet.take(frame);
      if (event) {
        onEvent(event);
      }
      if (frame.type === "snapshot" || frame.type === "unread") {
        client.setQueryData(keys.unread, frame.unread_count);
      }
      if (frame.type === "unread") {
        // The row is written after its event was told; whoever has the list open reads it again now.
        void client.invalidateQueries({ queryKey: keys.notifications });
      }
      if (frame.type === "snapshot") {
        // What was read before the gap may have changed during it.
        void client.invalidateQueries({ queryKey: keys.trips });
      }
    };
    const onState = (next: SocketState) => {
      setState(next);
      if (next.name === "refused") {
        void client.invalidateQueries({ queryKey: keys.session });
      }
    };
    const socket = new LiveSocket({ url: "/ws", hello: { type: "join" }, onFrame, onState });
    socket.start();
    return () => socket.stop();
  }, [client, fleet, user.id, user.timezone]);

  usePolling(fleet, state);

  const value = useMemo(() => ({ fleet, state }), [fleet, state]);
  return <LiveContext.Provider value={value}>{children}</LiveContext.Provider>;
}

/** Where a proxy lets no WebSocket through the picture is still read, only less often. */
function usePolling(fleet: Fleet, state: SocketState): void {
  const [isPatient, setPatient] = useState(true);
  const isLive = state.name === "live";
  useEffect(() => {
    if (isLive) {
      setPatient(true);
      return;
    }
    const timer = setTimeout(() => setPatient(false), POLL_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isLive]);
  const { data } = useQuery({
    queryKey: keys.polledTrips,
    queryFn: ({ signal }) => openTrips(signal),
    enabled: !isLive && !isPatient,
    staleTime: 0,
    refetchInterval: POLL_EVERY_MS,
  });
  useEffect(() => {
    if (data && !isLive) {
      fleet.fill(data);
    }
  }, [data, isLive, fleet]);
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) {
    throw new Error("useLive outside LiveProvider");
  }
  return live;
}

export const useFleet = (): Fleet => useLive().fleet;
export const useSocketState = (): SocketState => useLive().state;

/** All trips of the room, in no order. */
export function useTrips(): TripView[] {
  const { fleet } = useLive();
  return useSyncExternalStore(fleet.subscribe, fleet.list);
}

/** The same for a list to be read: where trucks are is renewed once a second. */
export function useCalmTrips(): TripView[] {
  const { fleet } = useLive();
  return useSyncExternalStore(fleet.subscribe, fleet.calmList);
}

/** One trip of the room, if it is there. */
export function useTrip(tripId: number | null): TripView | undefined {
  const { fleet } = useLive();
  return useSyncExternalStore(fleet.subscribe, () => (tripId === null ? undefined : fleet.get(tripId)));
}

/** The hub's clock, read again every `everyMs` so that ages in words stay true. */
export function useNow(everyMs = 15_000): number {
  const { fleet } = useLive();
  const [nowMs, setNowMs] = useState(() => fleet.nowMs());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(fleet.nowMs()), everyMs);
    return () => clearInterval(timer);
  }, [fleet, everyMs]);
  // A clock that was set before the first frame told the skew would be wrong until the next tick.
  return Math.max(nowMs, fleet.nowMs() - everyMs);
}
