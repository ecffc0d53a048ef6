import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import type { Fence } from "../../shared/map/geometry";
import type { Moment } from "../replay/clock";
import type { Filter } from "./selection";

interface Logistics {
  /** The map keeps the chosen truck in its middle. */
  following: boolean;
  setFollowing: (following: boolean) => void;
  /** Which trips the list shows; the map shows the same. */
  filter: Filter;
  setFilter: (filter: Filter) => void;
  /** The trip under the pointer in the list. */
  hoveredId: number | null;
  setHoveredId: (tripId: number | null) => void;
  /** The fence being drawn; null while none is. */
  draft: Fence | null;
  setDraft: (fence: Fence | null) => void;
  moment: Moment | null;
  setMoment: (moment: Moment | null) => void;
}

const LogisticsContext = createContext<Logistics | null>(null);

/** What the panel and the map of one screen have in common. */
export function LogisticsProvider({ children }: { children: ReactNode }) {
  const [following, setFollowing] = useState(false);
  const [filter, setFilter] = useState<Filter>("all");
  const [hoveredId, setHoveredId] = useState<number | null>(null);
  const [draft, setDraft] = useState<Fence | null>(null);
  const [moment, setMoment] = useState<Moment | null>(null);
  const value = useMemo(
    () => ({
      following,
      setFollowing,
      filter,
      setFilter,
      hoveredId,
      setHoveredId,
      draft,
      setDraft,
      moment,
      setMoment,
    }),
    [following, filter, hoveredId, draft, moment],
  );
  return <LogisticsContext.Provider value={value}>{children}</LogisticsContext.Provider>;
}

export function useLogistics(): Logistics {
  const logistics = useContext(LogisticsContext);
  if (!logistics) {
    throw new Error("useLogistics outside LogisticsProvider");
  }
  return logistics;
}
